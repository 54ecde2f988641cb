/** Longest address that can be delivered to (RFC 5321, 4.5.3.1, with RFC 3696's erratum 1690). */
const longest = 254
const form = /^[^\s@\p{Cc}\p{Cf}\p{Cs}]+@[^\s@.\p{Cc}\p{Cf}\p{Cs}]+(\.[^\s@.\p{Cc}\p{Cf}\p{Cs}]+)+$/u

/**
 * One address for all its spellings: NFC, lower case, no space around it. `undefined` when it is no address, or when
 * something in it cannot be seen: it would look like somebody else's.
 */
export function normalEmail(text: string): string | undefined {
  const email = text.normalize('NFC').trim().toLowerCase().normalize('NFC')
  if (email.length > longest || !form.test(email)) return undefined
  return email
}
