import { type TObject, type TOptional, type TProperties, type TSchema, type TUnsafe, Type } from '@sinclair/typebox'
import type { Duration } from '#core/internal/duration'
import type { Size } from '#core/internal/size'
import { optionalSecret, type Secret } from '#core/secret'

/** A setting that nobody needs to give. */
export type Setting<T> = TOptional<TUnsafe<T>>
/** A group of them: there when one of them is. */
export type Settings<T extends TProperties> = TOptional<TObject<T>>

/** What is said of a setting beside its type. */
export interface Words {
  readonly description?: string
  /** What counts when nobody gives it: the part's own word. */
  readonly byDefault?: string
  readonly reload?: 'hot'
}
type Form = (words: Words) => TSchema

export const flag: Form = (words) => Type.Boolean(words)
export const number: Form = (words) => Type.Number(words)
export const text: Form = (words) => Type.String(words)
export const is =
  (value: string | number | boolean): Form =>
  (words) =>
    Type.Literal(value, words)
export const oneOf =
  (...values: readonly (string | number | boolean)[]): Form =>
  (words) =>
    Type.Union(
      values.map((value) => Type.Literal(value)),
      words,
    )
export const either =
  (...forms: readonly Form[]): Form =>
  (words) =>
    Type.Union(
      forms.map((form) => form({})),
      words,
    )
export const listOf =
  (item: Form): Form =>
  (words) =>
    Type.Array(item({}), words)
export const recordOf =
  (value: Form): Form =>
  (words) =>
    Type.Record(Type.String(), value({}), words)

const withUnit =
  (inWords: string, example: string, pattern: string, description: string): Form =>
  (words) =>
    Type.Union([Type.Number({ minimum: 0 }), Type.String({ pattern, description })], {
      ...words,
      inWords,
      examples: [example],
    })
export const duration: Form = withUnit(
  'length of time, or seconds',
  '5m',
  '^\\d+(?:\\.\\d+)?(?:ms|s|m|h|d)$',
  "a length of time, such as '250ms', '5m' or a number of seconds",
)
export const size: Form = withUnit(
  'size, or bytes',
  '5MB',
  '^\\d+(?:\\.\\d+)?(?:B|KB|MB|GB)$',
  "a size, such as '64KB', '5MB' or a number of bytes",
)

export const secretLeaf = (words: Words): TOptional<TUnsafe<Secret>> => optionalSecret(words as object)

/** @typeParam T what the setting is in TypeScript, which its form says at run time */
export const setting = <T>(form: Form, words: Words): Setting<T> => Type.Optional(Type.Unsafe<T>(form(words)))
export const settings = <T extends TProperties>(properties: T): Settings<T> => Type.Optional(Type.Object(properties))

/** A group that every app has, with what a part adds to it. */
export const beside = <A extends TProperties, B extends TProperties>(base: TObject<A>, more: B): TObject<A & B> =>
  Type.Object({ ...base.properties, ...more }) as never

export type { Duration, Secret, Size }
