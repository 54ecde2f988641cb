const units: Readonly<Record<string, number>> = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 }

/** A number of bytes: `'64KB'`, `'5MB'`, `'1GB'`, or the number itself. 1 KB is 1024 bytes. */
export type Size = `${number}${'B' | 'KB' | 'MB' | 'GB'}` | number

/**
 * Bytes of a size.
 * @throws {TypeError} for anything that is no size, naming it
 */
export function bytesIn(size: Size): number {
  if (typeof size === 'number' && Number.isInteger(size) && size >= 0) return size
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(B|KB|MB|GB)$/.exec(String(size)) ?? []
  if (amount === undefined || unit === undefined)
    throw new TypeError(`"${size}" is no size: write '64KB', '5MB', '1GB' or a number of bytes`)
  return Math.floor(Number(amount) * units[unit]!)
}

/** @throws {TypeError} for what limits no body */
export function checkedBodyLimit(bytes: number): number {
  if (typeof bytes === 'number' && bytes >= 0) return bytes
  throw new TypeError(`bodyLimit: ${bytes} is no number of bytes`)
}
