import type { Definition } from './definition.ts'

/** Thrown where settings are declared while somebody only looks: nothing after it runs, nothing was read. */
export class Inspected extends Error {
  override readonly name = 'Inspected'
  readonly definition: Definition
  constructor(definition: Definition) {
    super('settings are being looked at')
    this.definition = definition
  }
}

/** On the global object: the command line and an app may have different copies of this module. */
const place = Symbol.for('kwik.settings.inspecting')
type Place = { [place]?: true }

export const isInspecting = (): boolean => (globalThis as Place)[place] === true

/**
 * What a module declares as settings: the module runs until there, with nothing read and nobody asked.
 * @returns `undefined` when it declares none
 */
export async function inspect(load: () => Promise<unknown>): Promise<Definition | undefined> {
  const global = globalThis as Place
  global[place] = true
  try {
    await load()
    return undefined
  } catch (error) {
    if (error instanceof Error && error.name === 'Inspected') return (error as Inspected).definition
    throw error
  } finally {
    delete global[place]
  }
}
