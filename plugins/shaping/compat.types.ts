import type { FilterInput } from './row-types.ts'
import type { Page } from './types.ts'

/** `createdAt` as `created_at`. */
type Snake<W extends string> = W extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${Snake<Rest>}`
  : ''
type Called<W extends string> = W | Snake<W>
type Sorting<S extends string> = Called<S> | `${Called<S>}:${'asc' | 'desc'}`
/** Fields that can be filtered by equality. */
type Equal<T, F> = Exclude<keyof FilterInput<T, F> & string, `${string}[${string}`>

/** The query words of the Python Kwik. */
export interface PythonWords<T, F, S extends string> {
  /** @deprecated page with `after`: rows that are passed over are read */
  skip?: number
  /** @deprecated use `sort` */
  sorting?: Sorting<S> | `${Sorting<S>},${string}`
  /** @deprecated write the field as a parameter */
  filter_key?: Extract<Equal<T, F> | Snake<Equal<T, F>>, string>
  /** @deprecated write the field as a parameter */
  value?: string | number | boolean
}
export type PythonQuery<P, T, F, S extends string> = [P] extends [never] ? {} : PythonWords<T, F, S>

/** A page that was perhaps asked for in the words of the Python Kwik. */
export interface PythonPage<Row> extends Page<Row> {
  /** Rows that fit, counted exactly: where the query has a word of the Python Kwik. */
  readonly total?: number
}
/** What a list answers: an envelope or bare rows. */
export type AnswerOf<Row, E, P> = E extends true ? ([P] extends [never] ? Page<Row> : PythonPage<Row>) : Row[]
