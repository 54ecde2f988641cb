import type { Operation } from './operation.ts'

/** Gives every operation an id that stays as long as its path does, and is a name in any language. */
export function identify(paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>): void {
  const taken = new Set<string>()
  const all = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  )
  for (const { operation } of all) {
    if (taken.has(operation.operationId)) operation.operationId = ''
    else if (operation.operationId !== '') taken.add(operation.operationId)
  }
  for (const { path, method, operation } of all.filter(({ operation }) => operation.operationId === '')) {
    const name = idOf(method, path)
    let id = name
    for (let n = 2; taken.has(id); n++) id = `${name}${n}`
    taken.add(id)
    operation.operationId = id
  }
}

function idOf(method: string, path: string): string {
  const words = path
    .split('/')
    .filter((part) => part !== '')
    .map((part) => (part.startsWith('{') ? `By-${part.slice(1, -1)}` : part))
  const name = words.flatMap((part) => part.split(/[^A-Za-z0-9]+/)).filter((part) => part !== '')
  return method + (name.length === 0 ? 'Root' : name.map((part) => part[0]!.toUpperCase() + part.slice(1)).join(''))
}
