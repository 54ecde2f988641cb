import { AsyncLocalStorage } from 'node:async_hooks'
import type { Scope } from './scope.ts'

const storage: AsyncLocalStorage<Scope> = new AsyncLocalStorage()

/** The scope of the request that the caller runs in, however deep; `undefined` outside of requests. From `kwik/core`. */
export const currentScope = (): Scope | undefined => storage.getStore()

/** Runs a function as part of a request: what it starts finds the scope with `currentScope()`. */
export function inScope<A extends unknown[], T>(scope: Scope, run: (...given: A) => T, ...given: A): T {
  return storage.run(scope, run, ...given)
}

/** Runs a function that has nothing to do with the request that happens to run now. */
export function outOfScope<T>(run: () => T): T {
  return storage.exit(run)
}
