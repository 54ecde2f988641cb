/** Addresses by version: the bytes of a network and how many of its bits count. */
export type Ranges = readonly { readonly bytes: readonly number[]; readonly bits: number }[]

const four = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/
const longest = 100

/** 4 or 16 bytes of an address; an IPv4 address inside IPv6 (`::ffff:1.2.3.4`) has 4. `undefined` for anything else. */
export function bytesOf(address: string): readonly number[] | undefined {
  if (address.length > longest) return undefined
  if (!address.includes(':')) return fourBytesOf(address)
  const halves = address.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map(groupsOf)
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined
  const missing = 16 - head.length - (tail?.length ?? 0)
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined
  const bytes = [...head, ...Array<number>(missing).fill(0), ...(tail ?? [])]
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255
  return mapped ? bytes.slice(12) : bytes
}

function fourBytesOf(text: string): number[] | undefined {
  const bytes = four.exec(text)?.slice(1).map(Number)
  return bytes?.every((byte) => byte < 256) ? bytes : undefined
}

function groupsOf(text: string): number[] | undefined {
  if (text === '') return []
  const groups = text.split(':')
  const bytes: number[] = []
  for (const [at, group] of groups.entries()) {
    if (group.includes('.') && at === groups.length - 1) {
      const last = fourBytesOf(group)
      if (!last) return undefined
      bytes.push(...last)
    } else if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16)
      bytes.push(value >> 8, value & 255)
    } else return undefined
  }
  return bytes
}

/**
 * One spelling for each address: no port, brackets or zone, IPv4 out of its IPv6 coat, IPv6 in RFC 5952's form.
 * `undefined` for what is no address: `unknown`, `_hidden`.
 */
export function addressIn(text: string): string | undefined {
  let bare = text.trim()
  if (bare.startsWith('[')) bare = bare.slice(1, Math.max(1, bare.indexOf(']')))
  else if (bare.indexOf(':') === bare.lastIndexOf(':') && bare.includes(':')) bare = bare.slice(0, bare.indexOf(':'))
  const zone = bare.indexOf('%')
  const bytes = bytesOf(zone === -1 ? bare : bare.slice(0, zone))
  return bytes && spelled(bytes)
}

function spelled(bytes: readonly number[]): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups = groupNumbers(bytes).map((group) => group.toString(16))
  // The longest run of two or more zeros is written `::`.
  const runs = [...groups.join(' ').matchAll(/\b0(?: 0)+\b/g)].sort((a, b) => b[0].length - a[0].length)
  const run = runs[0]
  if (!run) return groups.join(':')
  const text = groups.join(' ')
  const before = text.slice(0, run.index).trim().replaceAll(' ', ':')
  const after = text
    .slice(run.index + run[0].length)
    .trim()
    .replaceAll(' ', ':')
  return `${before}::${after}`
}

const groupNumbers = (bytes: readonly number[]): number[] =>
  Array.from({ length: 8 }, (_, at) => bytes[at * 2]! * 256 + bytes[at * 2 + 1]!)

/**
 * What one customer of a network provider can choose freely: an IPv4 address itself, the /64 of an IPv6 address.
 * A limit by single IPv6 address would be no limit.
 *
 * @param bits that are kept of an IPv6 address
 */
export function networkOf(address: string, bits: number = 64): string {
  if (!address.includes(':')) return address
  const bytes = bytesOf(address)
  if (bytes === undefined || bytes.length === 4) return address
  return `${spelled(bytes.map((byte, at) => byte & maskOf(bits - at * 8)))}/${bits}`
}

/** The leading bits of a byte. */
const maskOf = (bits: number): number => (bits >= 8 ? 255 : bits <= 0 ? 0 : (255 << (8 - bits)) & 255)

/**
 * Reads addresses and CIDR ranges: `10.0.0.0/8`, `::1`, `fd00::/8` (RFC 4632, RFC 4291).
 * @param option that says them
 * @throws {TypeError} for what is none, naming it
 */
export function rangesOf(texts: readonly string[], option?: string): Ranges {
  return texts.map((text) => {
    const [address = '', length] = text.split('/')
    const bytes = bytesOf(address)
    const most = (bytes?.length ?? 0) * 8
    const bits = length === undefined ? most : /^\d{1,3}$/.test(length) ? Number(length) : -1
    if (bytes === undefined || bits < 0 || bits > most)
      throw new TypeError(
        `${option === undefined ? '' : `${option}: `}"${text}" is no address and no range: write '10.0.0.0/8', '192.168.1.5' or 'fd00::/8'`,
      )
    return { bytes, bits }
  })
}

export function inRanges(ranges: Ranges, address: string): boolean {
  const bytes = bytesOf(address)
  return bytes !== undefined && ranges.some((range) => isWithin(bytes, range))
}

function isWithin(bytes: readonly number[], { bytes: network, bits }: Ranges[number]): boolean {
  if (bytes.length !== network.length) return false
  for (let at = 0, left = bits; left > 0; at++, left -= 8) {
    const mask = maskOf(left)
    if ((bytes[at]! & mask) !== (network[at]! & mask)) return false
  }
  return true
}
