import { Secret } from '#core/secret'
import { liveOf } from './define.ts'

/** A tree of values: groups are objects, secrets are revealed. */
export type Given = { readonly [name: string]: unknown }

/** The settings that somebody gave, without those that have their default: for whoever has a word of their own for the rest. */
export function givenSettings(settings: object): Given {
  const { values, history } = liveOf(settings).state()
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

/** Names of settings that were changed and wait for a restart. */
export const pendingOf = (settings: object): string[] => liveOf(settings).pending.map(({ key }) => key)
