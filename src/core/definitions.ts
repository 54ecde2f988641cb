import { isDeepStrictEqual } from 'node:util'
import type { AnyElysia } from 'elysia'
import { appHooksOf, routesOf, usedBy } from './elysia/door.ts'
import { installs, type Marked } from './marks.ts'
import type { Definition } from './works.ts'

/** What an instance made by `definePlugin` is. */
const definitions = new WeakMap<AnyElysia, Definition>()
export const rememberDefinition = (app: AnyElysia, definition: Definition): void =>
  void definitions.set(app, definition)

/** Every plugin that a root uses, by name, however deep; what contradicts itself goes to `faults`. */
export function definitionsOf(root: AnyElysia, faults: string[]): Map<string, Definition> {
  const found = new Map<string, Definition>()
  const hooks = [...appHooksOf(root), ...routesOf(root).flatMap((route) => route.hooks.transform ?? [])] as Marked[]
  const all = [...hooks.map((hook) => hook.fn[installs]), ...[...usedBy(root)].map((app) => definitions.get(app))]
  for (const definition of new Set(all)) {
    if (definition === undefined) continue
    const same = found.get(definition.name)
    if (same === undefined) found.set(definition.name, definition)
    else if (!isDeepStrictEqual(same.options, definition.options))
      faults.push(
        `${definition.name} is used twice with different options and only the first counts: make it one const and use that`,
      )
  }
  claim(found, faults)
  return found
}

function claim(found: ReadonlyMap<string, Definition>, faults: string[]): void {
  const owners = new Map<string, string>()
  for (const { name, keys } of found.values())
    for (const key of keys) {
      const owner = owners.get(key)
      if (owner) faults.push(`two plugins claim the route option "${key}": ${owner} and ${name}`)
      owners.set(key, name)
    }
}
