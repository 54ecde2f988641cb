import { misused } from '../failure.ts'
import { plural, singular } from './plural.ts'

/** One resource's name in every form in which it is written. */
export interface Names {
  /** `productLine`, `ProductLine`: types and fixtures. */
  readonly one: string
  readonly One: string
  /** `productLines`, `ProductLines`: the table and the resource. */
  readonly many: string
  readonly Many: string
  /** `product-line`: its folder and files. */
  readonly folder: string
  /** `product-lines`: its path and the first half of its permissions. */
  readonly path: string
  /** `product_lines` */
  readonly table: string
  /** `product line`, `product lines`: sentences. */
  readonly words: string
  readonly manyWords: string
}

/** What an app of Kwik serves already. */
const served: ReadonlySet<string> = new Set(['auth', 'users', 'roles', 'health', 'openapi', 'swagger'])
/** Parts of Kwik whose names would stand for two things. */
const parts: ReadonlySet<string> = new Set(['permission', 'permissions', 'kwik'])
/** Tables of accounts that no route serves. */
const tables: ReadonlySet<string> = new Set(['user_roles', 'role_permissions'])
/** Files that stand beside the folders of the resources. */
const files: ReadonlySet<string> = new Set(['index'])

/**
 * The forms of a resource's name, given as one or as many, in any case: `Product`, `products`, `product-line`.
 *
 * @param input the word of the command line
 * @param many its plural, where English is not regular enough
 * @throws {CliFailure} with exit code 2, when it is no name or is taken
 */
export function namesOf(input: string, many?: string): Names {
  const word = kebab(input)
  const folder = many === undefined ? singular(word) : word
  const path = many === undefined ? plural(folder) : kebab(many)
  const table = path.replaceAll('-', '_')
  const why = whyTaken(folder, path, table)
  if (why !== undefined) throw misused(`"${input}" is taken: ${why}`)
  return {
    one: camel(folder),
    One: pascal(folder),
    many: camel(path),
    Many: pascal(path),
    folder,
    path,
    table,
    words: folder.replaceAll('-', ' '),
    manyWords: path.replaceAll('-', ' '),
  }
}

function whyTaken(folder: string, path: string, table: string): string | undefined {
  const own = [path, folder].find((word) => served.has(word))
  if (own !== undefined) return `Kwik serves /${own} itself`
  if (parts.has(folder) || parts.has(path)) return 'a part of Kwik has that name'
  if (tables.has(table)) return `accounts have the table ${table}`
  return files.has(folder) ? 'src/resources/index.ts is the list of the resources' : undefined
}

function kebab(input: string): string {
  if (/[/\\]|^\.|\.\./.test(input))
    throw misused(`"${input}" is a path: a resource has a plain name, as in product-line`)
  if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(input) || input.length > 40)
    throw misused(
      `"${input}" is no name for a resource: up to 40 letters a-z, digits and -, and a letter first, as in product-line; it becomes a path, a table and a type`,
    )
  const word = input
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .replaceAll('_', '-')
    .replace(/-+/g, '-')
    .replace(/-$/, '')
    .toLowerCase()
  return word
}

/** `unit-price`, `unit_price` and `UnitPrice` as `unitPrice`. */
export function camel(word: string): string {
  const joined = word.replace(/[-_]+(.)?/g, (_, next: string | undefined) => next?.toUpperCase() ?? '')
  return /^[A-Z]+$/.test(joined) ? joined.toLowerCase() : joined.charAt(0).toLowerCase() + joined.slice(1)
}

function pascal(word: string): string {
  const joined = camel(word)
  return joined.charAt(0).toUpperCase() + joined.slice(1)
}
