import type { ReadyChange } from '#core/internal/changing'
import { Secret } from '#core/secret'
import { liveOf } from './define.ts'
import type { Generation } from './generation.ts'
import type { ReloadHook } from './reload/report.ts'

/** A tree of values: groups are objects, secrets are revealed. */
export type Given = { readonly [name: string]: unknown }

/** The settings that somebody gave, without those that have their default: for whoever has a word of their own for the rest. */
export const givenSettings = (settings: object): Given => givenIn(liveOf(settings).state())

function givenIn({ values, history }: Generation): Given {
  const tree: Record<string, unknown> = {}
  for (const [key, value] of values) {
    if (history.get(key)?.at(-1)?.from === 'default') continue
    const path = key.split('.')
    const last = path.pop()!
    let group = tree
    for (const name of path) group = (group[name] ??= {}) as Record<string, unknown>
    group[last] = value instanceof Secret ? value.reveal() : value
  }
  return tree
}

/** Follows a setting, where the app has it. Answers what ends that. */
export function follow(settings: object, key: string, told: (value: unknown) => void): () => void {
  const { definition, listeners } = liveOf(settings)
  if (!definition.leaves.has(key)) return () => {}
  const all = listeners.get(key) ?? listeners.set(key, new Set()).get(key)!
  all.add(told)
  return () => void all.delete(told)
}

/** What the settings are given as, for who makes something else of them. Answers what ends that. */
export function followGiven(settings: object, name: string, prepare: (given: Given) => ReadyChange): () => void {
  const { hooks } = liveOf(settings)
  const hook: ReloadHook<Generation, ReadyChange> = {
    name,
    prepare: (next) => prepare(givenIn(next)),
    commit: (ready) => ready.commit(),
    rollback: (ready) => ready.rollback(),
  }
  hooks.add(hook as ReloadHook<Generation>)
  return () => void hooks.delete(hook as ReloadHook<Generation>)
}

/** Names of settings that were changed and wait for a restart. */
export const pendingOf = (settings: object): string[] => liveOf(settings).pending.map(({ key }) => key)
