import { grantCheck } from '#core/grants'
import { didYouMean } from '#core/internal/spelling'
import type { Requirement } from './types.ts'

/** A requirement, read once at boot. */
export interface Rule {
  readonly allows: (granted: ReadonlySet<string>) => boolean
  /** What to tell somebody who is not allowed, and the names that would do. */
  readonly lacks: (granted: ReadonlySet<string>) => { readonly detail: string; readonly names: readonly string[] }
}

/** @throws {TypeError} with everything that is wrong: no name at all, or names that are not declared */
export function ruleOf(requirement: Requirement, declared: ReadonlySet<string>): Rule {
  const { any, names } = read(requirement)
  checkDeclared(names, declared)
  const checks = names.map((name) => ({ name, check: grantCheck(name) }))
  const missing = (granted: ReadonlySet<string>) =>
    checks.filter(({ check }) => !check(granted)).map(({ name }) => name)
  return {
    allows: allowing(
      checks.map(({ check }) => check),
      any,
    ),
    lacks: (granted) => {
      const lacking = missing(granted)
      return { names: lacking, detail: `needs ${lacking.join(any ? ' or ' : ' and ')}` }
    },
  }
}

/** @throws {TypeError} naming those that are not declared, and what they may have meant */
export function checkDeclared(names: readonly string[], declared: ReadonlySet<string>): void {
  const unknown = [...new Set(names)].filter((name) => !declared.has(name))
  if (unknown.length > 0)
    throw new TypeError(
      unknown.map((name) => `permission "${name}" is used but not declared${didYouMean(name, declared)}`).join('; '),
    )
}

type Check = (granted: ReadonlySet<string>) => boolean

function allowing(checks: readonly Check[], any: boolean): Check {
  if (checks.length === 1) return checks[0]!
  return any
    ? (granted) => checks.some((check) => check(granted))
    : (granted) => checks.every((check) => check(granted))
}

/** Names no plugin of a typed app lets through, but a JavaScript one can write. */
function read(requirement: unknown): { any: boolean; names: readonly string[] } {
  if (typeof requirement === 'string') return { any: false, names: [requirement] }
  const [word, ...others] = Object.entries(requirement ?? {})
  const [key, names] = word ?? []
  if ((key !== 'any' && key !== 'all') || others.length > 0 || !isNames(names))
    throw new TypeError("permission takes 'products:read', { any: [...] } or { all: [...] }, with one name at least")
  return { any: key === 'any', names }
}

const isNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string')
