/**
 * What was probably meant, when a field is written in a form that a shell takes apart or that another tool uses:
 * `decimal(10,2)`, `string[]`, `text?`, `a|b`, a `!` in the middle.
 */
export function shellTrap(input: string): string | undefined {
  const name = /^[\w-]*/.exec(input)?.[0] || 'name'
  const size = /:decimal[({](\d+)(?:[,.](\d+))?[)}]?/.exec(input)
  if (size) return `${input} is not the form: write ${name}:decimal:${size[1]}.${size[2] ?? '0'}`
  const digits = /:decimal(\d+)(?:[.,](\d+))?$/.exec(input)
  if (digits) return `${input} reached me without its size: write ${name}:decimal:${digits[1]}.${digits[2] ?? '2'}`
  const list = /:(\w+)\[\]/.exec(input)
  if (list) return `${input} is not the form, and some shells take [] apart: write ${name}:list:${list[1]}`
  if (/[?]/.test(input)) return `${input}: fields are optional unless they end in !, so leave out the ?`
  if (input.includes('|')) return `${input}: values are separated by commas, as in status:enum:draft,live=draft`
  if (/[<>()[\]{}*$&;'"`\\]/.test(input))
    return `${input} has a sign that shells take for themselves: use letters, digits, : , . = and a last !`
  const mark = input.indexOf('!')
  if (mark !== -1 && mark !== input.length - 1) return `${input}: the ! comes last, as in ${input.replaceAll('!', '')}!`
  return undefined
}
