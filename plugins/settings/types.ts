import type { Secret } from './secret.ts'

type Plain = string | number | boolean | bigint | null | undefined | Secret

/** Settings as they are read: nothing in them can be written. */
export type Frozen<T> = T extends Plain
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Frozen<Item>[]
    : { readonly [K in keyof T]: Frozen<T[K]> }

type KeyOf<Name extends string, T> = T extends Plain | readonly unknown[]
  ? Name
  : string extends keyof T
    ? Name
    : `${Name}.${SettingKey<T>}`

/** The path of one setting: `'server.port'`. */
export type SettingKey<T> = { [K in keyof T & string]-?: KeyOf<K, NonNullable<T[K]>> }[keyof T & string]

/** Some settings, in their own types; a secret may be given as a text. */
export type Overrides<T> = T extends Secret
  ? Secret | string
  : T extends Plain | readonly unknown[]
    ? T
    : { readonly [K in keyof T]?: Overrides<T[K]> }
