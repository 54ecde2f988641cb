import type { Hook } from './elysia/hooks.ts'
import type { Definition } from './works.ts'

/** On a plugin's global hook: which plugin reaches this route. */
export const installs: unique symbol = Symbol('kwik.installs')
/** On a macro's hook: what a route, guard or group said. */
export const declares: unique symbol = Symbol('kwik.declares')
/** On the hook before routing. */
export const admits: unique symbol = Symbol('kwik.admits')
/** On a hook that boot made, with the hooks that it took the place of: a module may be served alone first and used by an app later. */
const made: unique symbol = Symbol('kwik.made')

export interface Declaration {
  readonly plugin: string
  readonly key: string
  readonly value: unknown
}
export type Marked = Hook & {
  fn: { [installs]?: Definition; [declares]?: Declaration; [admits]?: true; [made]?: readonly Hook[] }
}

export function markMade<H extends Hook | undefined>(hook: H, before: readonly Hook[] = []): H {
  // A hook that two routes share would give one of them the words of the other.
  if (hook && made in hook.fn) throw new TypeError('a hook was put in place twice')
  if (hook) Object.assign(hook.fn, { [made]: before })
  return hook
}

/** The hooks as they were before any boot. */
export const beforeBoot = (hooks: readonly Hook[] | undefined): Marked[] =>
  ((hooks ?? []) as Marked[]).flatMap((hook) => (hook.fn[made] as readonly Marked[] | undefined) ?? [hook])
