import type { Secret } from '#core/secret'

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

/** The value of one setting: of `'server.port'`, a number. */
export type ValueAt<T, Key extends string> = T extends Plain
  ? never
  : Key extends keyof T
    ? T[Key]
    : Key extends `${infer Head}.${infer Rest}`
      ? Head extends keyof T
        ? ValueAt<NonNullable<T[Head]>, Rest> | (undefined extends T[Head] ? undefined : never)
        : never
      : never
