/** A part of a key: `a|b` and `c` are never taken for `a` and `b|c`. */
export const part = (text: string): string => `${text.length}:${text}`
