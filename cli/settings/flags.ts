/** Flags that several commands about settings have. */
interface Switch {
  readonly kind: 'boolean'
  readonly default: false
  readonly withNegated: false
  readonly brief: string
}
interface Word {
  readonly kind: 'parsed'
  readonly parse: (input: string) => string
  readonly optional: true
  readonly brief: string
  readonly placeholder: string
}
interface Words extends Word {
  readonly variadic: true
}

export const switchOf = (brief: string): Switch => ({ kind: 'boolean', default: false, withNegated: false, brief })
const wordOf = (brief: string, placeholder: string): Word => ({
  kind: 'parsed',
  parse: String,
  optional: true,
  brief,
  placeholder,
})

const profile: Word = wordOf('Read as this profile would; several, as in production,eu, count in their order', 'names')
export const offline: Switch = switchOf('Ask nobody beside this machine: secrets of stores are not read')
export const json: Switch = switchOf('As JSON')
export const set: Words = { ...wordOf('A value that counts more than all others', 'key=value'), variadic: true }
export const reading: { profile: Word; offline: Switch; json: Switch; set: Words } = { profile, offline, json, set }
