/** A name as a part of a JSON pointer (RFC 6901). */
export const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1')

/** The name that a part of a JSON pointer says. */
export const unescaped = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~')
