import type { TObject, TSchema } from '@sinclair/typebox'
import type { Target } from '../schema/target.ts'

export type Fields = Record<string, unknown>
export type Properties = Record<string, TSchema>

/** An object before and after a change. */
export interface Sides {
  readonly older: TObject
  readonly newer: TObject
}

/** A schema that a change brings is written as it is now: this is what it was then. */
export type AsThen = (schema: TSchema) => TSchema

/** Turns the fields of one object, a copy that may be written to. */
export interface Turn {
  up(fields: Fields): Fields
  down(fields: Fields): Fields
}

/**
 * One thing that changed about an object, read both ways. Nothing here knows of HTTP.
 */
export interface Lens {
  readonly target: Target
  /** What messages call it: `rename('creationDate', 'createdAt')`. */
  readonly said: string
  /** Fields that the newer object must have, or nobody meant this. */
  readonly needs: readonly string[]
  /**
   * The properties that the object had before; those it does not have (a body has fewer than a row) are passed over.
   * @param isPart it has fewer fields than the object that was named: made by `t.Pick` or `t.Omit`
   */
  older(properties: Properties, node: TObject, asThen: AsThen, isPart: boolean): Properties
  between(sides: Sides): Turn
  /** The place of a field in the older object, by its place in the newer: parts of a path. */
  place(path: readonly string[]): readonly string[]
  /** Whether it looks at no more than fields of the object itself: then changes of several versions are one pass. */
  readonly shallow: boolean
  /** Fields whose values do not come back: of the older object by up and down, of the newer by down and up. */
  readonly loses: { readonly older: readonly string[]; readonly newer: readonly string[] }
  /** Whether it was declared that values do not come back, so that no law of round trips is asked of the object. */
  readonly lossy: boolean
  /** What queries need to know of it. */
  readonly words: Words
}

/** Names and values of fields, for query strings. */
export interface Words {
  readonly renamed?: readonly [older: string, newer: string]
  /** Fields that the older version did not have. */
  readonly added?: readonly string[]
  /** Fields that only the older version had. */
  readonly removed?: readonly string[]
  /** The text of a filter, in newer words; `undefined` where there is no saying. */
  readonly values?: { readonly field: string; readonly newer: (text: string) => string | undefined }
}

export const nothingLost: Lens['loses'] = { older: [], newer: [] }
export const samePlace = (path: readonly string[]): readonly string[] => path

/** Fields with one of them under another name, where it was. */
export function renamed<T>(fields: Record<string, T>, from: string, to: string): Record<string, T> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name === from ? to : name, value]))
}

/** The same fields without some. */
export function without<T>(fields: Record<string, T>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))
}

/** Whether an object has all that its schema needs: one that clients asked a few fields of has not. */
export const isWhole = (fields: Fields, { required = [] }: TObject): boolean =>
  required.length > 0 && required.every((name) => Object.hasOwn(fields, name))
