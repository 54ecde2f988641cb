import { grantCheck } from '#core/grants'
import { didYouMean } from '#core/internal/spelling'
import { inWords, type Need, namesIn, needOf, type OwnerCall, type OwnerId, ownForm } from '#core/requirement'
import type { Principal } from '#core/scope'

/** What is held: what a principal may do, and of that what holds in every tenant. */
export type Held = Pick<Principal, 'permissions' | 'everywhere'>

/** `own`: it depends on whose it is. */
export type Verdict = 'yes' | 'own' | 'no'

/** A requirement, read once at boot. */
export interface Rule {
  readonly judge: (held: Held) => Verdict
  /** Whether the caller may, where the verdict is `own`: looks up whose it is. */
  readonly owns: (held: Held, call: OwnerCall) => Promise<boolean>
  /** Whether there is anything to look up. */
  readonly looksUp: boolean
  /** What to tell somebody who is not allowed, and the names that would do. */
  readonly lacks: (held: Held) => { readonly detail: string; readonly names: readonly string[] }
}

export interface Declared {
  readonly names: ReadonlySet<string>
  /** Names that count only where they are held in every tenant. */
  readonly everywhere: ReadonlySet<string>
}

/** @throws {TypeError} with everything that is wrong: no name at all, or names that are not declared */
export function ruleOf(requirement: unknown, declared: Declared): Rule {
  const need = needOf(requirement)
  checkDeclared(namesIn(need), declared.names)
  const part = partOf(need, declared)
  return {
    judge: part.judge,
    owns: (held, call) => part.owns(held, oncePerCall(call)),
    looksUp: looksUp(need),
    lacks: (held) => {
      const missing = part.missing(held)
      const words = missing === undefined ? '' : inWords(missing)
      return { names: missing === undefined ? [] : namesIn(missing), detail: `needs ${words}` }
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

const looksUp = (need: Need): boolean =>
  need.kind === 'own' || (need.kind !== 'name' && need.of.some((one) => looksUp(one)))

type Look = (load: (call: OwnerCall) => OwnerId | Promise<OwnerId>) => Promise<boolean>

/** Whose something is, is looked up once, also where several permissions depend on it. */
function oncePerCall(call: OwnerCall): Look {
  const known = new Map<unknown, Promise<boolean>>()
  const look: Look = async (load) => {
    const owner = await load(call)
    return owner !== undefined && owner !== null && String(owner) === call.principal.id
  }
  return (load) => {
    let answer = known.get(load)
    if (answer === undefined) {
      answer = look(load)
      known.set(load, answer)
    }
    return answer
  }
}

interface Part {
  readonly judge: Rule['judge']
  readonly owns: (held: Held, look: Look) => Promise<boolean>
  /** What of it is not held at all. */
  readonly missing: (held: Held) => Need | undefined
}

function partOf(need: Need, declared: Declared): Part {
  if (need.kind === 'name') {
    const check = checkOf(need.name, declared)
    return {
      judge: (held) => (check(held) ? 'yes' : 'no'),
      owns: async (held) => check(held),
      missing: (held) => (check(held) ? undefined : need),
    }
  }
  if (need.kind === 'own') {
    const [whole, own] = [checkOf(need.name, declared), checkOf(ownForm(need.name), declared)]
    const judge = (held: Held): Verdict => (whole(held) ? 'yes' : own(held) ? 'own' : 'no')
    return {
      judge,
      owns: async (held, look) => whole(held) || (own(held) && (await look(need.load))),
      missing: (held) => (judge(held) === 'no' ? need : undefined),
    }
  }
  return groupOf(
    need.kind,
    need.of.map((one) => partOf(one, declared)),
  )
}

const rank: readonly Verdict[] = ['no', 'own', 'yes']

function groupOf(kind: 'any' | 'all', parts: readonly Part[]): Part {
  const pick = kind === 'any' ? Math.max : Math.min
  const judge = (held: Held): Verdict => {
    let found = kind === 'any' ? 0 : 2
    for (const part of parts) found = pick(found, rank.indexOf(part.judge(held)))
    return rank[found]!
  }
  return {
    judge,
    owns: async (held, look) => {
      // What costs no look comes first.
      if (judge(held) !== 'own') return judge(held) === 'yes'
      for (const part of parts) {
        const verdict = part.judge(held)
        if (verdict === 'own' && (await part.owns(held, look)) === (kind === 'any')) return kind === 'any'
      }
      return kind === 'all'
    },
    missing: (held) => {
      if (judge(held) !== 'no') return undefined
      const of = parts.flatMap((part) => part.missing(held) ?? [])
      return of.length === 1 ? of[0] : { kind, of }
    },
  }
}

function checkOf(name: string, { everywhere }: Declared): (held: Held) => boolean {
  const check = grantCheck(name)
  return everywhere.has(name) ? (held) => check(held.everywhere ?? held.permissions) : (held) => check(held.permissions)
}
