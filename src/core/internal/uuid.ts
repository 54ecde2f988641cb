/** A UUID version 7 (RFC 9562, 5.7): 48 bits of time in milliseconds, 74 random bits. */
export function uuidv7(now: number = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(now / 2 ** (8 * (5 - i))) & 0xff
  bytes[6] = (bytes[6]! & 0x0f) | 0x70
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toHex?.() ?? Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/**
 * Makes UUIDs version 7 that sort in the order they are made, also within one millisecond: 12 of the random bits count
 * (RFC 9562, 6.2, method 1). The time they carry never goes back.
 */
export function orderedUuids(): (now: number) => string {
  let last = 0
  let count = 0
  return (now) => {
    if (now > last) [last, count] = [now, 0]
    else if (++count > 0xfff) [last, count] = [last + 1, 0]
    const id = uuidv7(last)
    return `${id.slice(0, 15)}${count.toString(16).padStart(3, '0')}${id.slice(18)}`
  }
}
