/** Whether a text is a piece of it over and over: `aaaaaaaa`, `abcabcabc`. @param longest the longest piece that counts */
export function isRepeated(text: string, longest: number): boolean {
  for (let length = 1; length <= Math.min(longest, text.length / 2); length++)
    if (
      text ===
      text
        .slice(0, length)
        .repeat(Math.ceil(text.length / length))
        .slice(0, text.length)
    )
      return true
  return false
}
