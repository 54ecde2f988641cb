/** Longest address that can be delivered to (RFC 5321, 4.5.3.1, with RFC 3696's erratum 1690). */
const longest = 254

/** One address for all its spellings: NFC, lower case, no space around it. `undefined` when it is no address. */
export function normalEmail(text: string): string | undefined {
  const email = text.normalize('NFC').trim().toLowerCase().normalize('NFC')
  if (email.length > longest || !/^[^\s@\p{Cc}]+@[^\s@\p{Cc}.]+(\.[^\s@\p{Cc}.]+)+$/u.test(email)) return undefined
  return email
}
