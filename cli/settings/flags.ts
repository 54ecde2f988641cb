/** Flags that several commands about settings have. */
const profile = {
  kind: 'parsed',
  parse: String,
  optional: true,
  brief: 'Read as this profile would; several, as in production,eu, count in their order',
  placeholder: 'names',
} as const

export const offline = {
  kind: 'boolean',
  default: false,
  withNegated: false,
  brief: 'Ask nobody beside this machine: secrets of stores are not read',
} as const

export const json = { kind: 'boolean', default: false, withNegated: false, brief: 'As JSON' } as const

export const set = {
  kind: 'parsed',
  parse: String,
  optional: true,
  variadic: true,
  brief: 'A value that counts more than all others',
  placeholder: 'key=value',
} as const

export const reading = { profile, offline, json, set }
