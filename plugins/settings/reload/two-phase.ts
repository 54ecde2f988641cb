import type { Generation } from '../generation.ts'
import type { ReloadHook } from './report.ts'

type AnyHook = ReloadHook<Generation>

/** The name of the hook that refused. What it threw is for the log: it may show what it was given. */
export class HookRefused extends Error {
  override readonly name = 'HookRefused'
  readonly hook: string | undefined
  constructor(hook: AnyHook, moment: 'prepare' | 'commit', cause: unknown) {
    super(`${hook.name ?? 'a hook'} threw when it was to ${moment}`, { cause })
    this.hook = hook.name
  }
}

/**
 * Prepares all, then commits all and runs `swap` in the same turn: nobody sees a part of it.
 * @throws {HookRefused} when one threw; the others are rolled back, the last first
 */
export async function inTwoPhases(
  hooks: readonly AnyHook[],
  next: Generation,
  now: Generation,
  keys: readonly string[],
  swap: () => void,
): Promise<void> {
  const ready: { hook: AnyHook; prepared: unknown }[] = []
  const back = async (error: HookRefused): Promise<never> => {
    for (const { hook, prepared } of ready.reverse()) await undo(hook, prepared)
    throw error
  }
  for (const hook of hooks) {
    try {
      ready.push({ hook, prepared: await hook.prepare(next, now, keys) })
    } catch (error) {
      return back(new HookRefused(hook, 'prepare', error))
    }
  }
  for (const { hook, prepared } of [...ready]) {
    try {
      hook.commit?.(prepared)
    } catch (error) {
      return back(new HookRefused(hook, 'commit', error))
    }
  }
  swap()
}

async function undo(hook: AnyHook, prepared: unknown): Promise<void> {
  try {
    await hook.rollback?.(prepared)
  } catch {
    // The others have to be undone all the same; why this one was refused is told already.
  }
}
