/**
 * What somebody holds is a set of grants: `products:read`, or a pattern in which `*` stands for exactly one segment
 * (`products:*`, `*:read`). `*` alone is everything. Segments match whole or not at all.
 */

/** The grants that cover a permission or a pattern, itself first: `a:b` is covered by `a:b`, `a:*`, `*:b`, `*:*` and `*`. */
export function grantsCovering(permission: string): readonly string[] {
  if (permission === '*') return ['*']
  let patterns: string[][] = [[]]
  for (const segment of permission.split(':')) {
    const choices = segment === '*' ? ['*'] : [segment, '*']
    patterns = patterns.flatMap((pattern) => choices.map((choice) => [...pattern, choice]))
  }
  return [...patterns.map((pattern) => pattern.join(':')), '*']
}

/** A check that is prepared once and costs a few look-ups: whether a set of grants covers a permission. */
export function grantCheck(permission: string): (granted: ReadonlySet<string>) => boolean {
  const covering = grantsCovering(permission)
  return (granted) => {
    for (const grant of covering) if (granted.has(grant)) return true
    return false
  }
}

/**
 * Whether a set of grants covers a permission. From `kwik/core`.
 *
 * @example
 * holds(new Set(['products:*']), 'products:read') // true
 */
export const holds = (granted: ReadonlySet<string>, permission: string): boolean => grantCheck(permission)(granted)

/**
 * What two sets of grants both cover, as a set of grants: `posts:*` and `*:read` meet in `posts:read`. What somebody may do with
 * a smaller credential of theirs, such as an API key.
 */
export function meet(one: Iterable<string>, other: Iterable<string>): ReadonlySet<string> {
  const others = [...other]
  const common = new Set<string>()
  for (const a of one)
    for (const b of others) {
      const both = meetOf(a, b)
      if (both !== undefined) common.add(both)
    }
  return common
}

function meetOf(a: string, b: string): string | undefined {
  if (a === b || b === '*') return a
  if (a === '*') return b
  const [left, right] = [a.split(':'), b.split(':')]
  if (left.length !== right.length) return meetOfOwn(left, right)
  const both: string[] = []
  for (const [at, word] of left.entries()) {
    if (word !== '*' && right[at] !== '*' && word !== right[at]) return undefined
    both.push(word === '*' ? right[at]! : word)
  }
  return both.join(':')
}

/** `posts:update` is also `posts:update:own`, and nothing else of three segments. */
function meetOfOwn(left: readonly string[], right: readonly string[]): string | undefined {
  const [short, [resource, action, whose]] = left.length < right.length ? [left, right] : [right, left]
  if (short.length !== 2 || (whose !== 'own' && whose !== '*')) return undefined
  const both = meetOf(short.join(':'), `${resource}:${action}`)
  return both && `${both}:own`
}

/**
 * Whether a set of grants covers a grant: what somebody may do at all they may also do with what is theirs
 * (`posts:update:own`).
 */
export const covers = (granted: ReadonlySet<string>, grant: string): boolean =>
  holds(granted, grant) || (grant.endsWith(':own') && holds(granted, grant.slice(0, -':own'.length)))

/** `resource:action`, at most one segment more; a pattern may have `*` for segments, or be `*`. */
const segment = '[a-z0-9][a-z0-9_-]*'
const nameForm = new RegExp(`^${segment}(:${segment}){1,2}$`)
const patternForm = new RegExp(`^(?:\\*|(?:${segment}|\\*)(?::(?:${segment}|\\*)){1,2})$`)

/** Whether a text is the name of one permission: lower-case segments, two or three of them. */
export const isPermissionName = (text: string): boolean => nameForm.test(text)
/** Whether a text can be granted: the name of a permission, or a pattern of names. */
export const isGrant = (text: string): boolean => patternForm.test(text)

/** On a route's option or schema: permissions that it names, so that a misspelt one is told at boot. */
export const namedPermissions: unique symbol = Symbol('kwik.permissions')

/** The permissions that options and schemas of a route name, beside its own `permission`. */
export const permissionsNamedIn = (values: Iterable<unknown>): readonly string[] =>
  [...values].flatMap((value) =>
    typeof value === 'object' && value !== null && namedPermissions in value
      ? (value[namedPermissions] as readonly string[])
      : [],
  )
