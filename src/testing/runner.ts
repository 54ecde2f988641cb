import { createRequire } from 'node:module'

/** `test` of the runtime's own runner. */
export interface Runner {
  (name: string, run: () => Promise<void>, timeout?: number): void
  readonly only: Runner
  readonly skip: Runner
  readonly concurrent?: Runner
}

/** Asked for when a test file calls: the package itself can be imported anywhere. */
export function testRunner(): Runner {
  const require = createRequire(import.meta.url)
  if ('Bun' in globalThis) return require('bun:test').test
  const { test } = require('node:test')
  const adapt =
    (one: (name: string, options: object, run: () => Promise<void>) => unknown) =>
    (name: string, run: () => Promise<void>, timeout?: number) =>
      void one(name, timeout === undefined ? {} : { timeout }, run)
  return Object.assign(adapt(test), { only: adapt(test.only), skip: adapt(test.skip) }) as unknown as Runner
}
