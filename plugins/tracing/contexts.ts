import { AsyncLocalStorage } from 'node:async_hooks'
import type { Context, ContextManager } from '@opentelemetry/api'
import { currentScope } from '#core/context'
import { type Scope, type Slot, slot } from '#core/scope'

/** The context of a request: its span is in it. */
export const contextSlot: Slot<Context> = slot('tracing.context')

/** A context that was entered inside of a request, or outside of all. */
interface Entered {
  readonly scope: Scope | undefined
  readonly context: Context
}

/**
 * OpenTelemetry's contexts on top of core's: a request that core runs is in its context already, so that nothing is
 * entered for it a second time.
 */
export class ScopeContexts implements ContextManager {
  readonly #root: Context
  readonly #entered = new AsyncLocalStorage<Entered>()

  constructor(root: Context) {
    this.#root = root
  }

  active(): Context {
    const entered = this.#entered.getStore()
    const scope = currentScope()
    if (entered !== undefined && entered.scope === scope) return entered.context
    return scope?.get(contextSlot) ?? entered?.context ?? this.#root
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.#entered.run({ scope: currentScope(), context }, () => fn.call(thisArg as never, ...args))
  }

  bind<T>(context: Context, target: T): T {
    if (typeof target !== 'function') return target
    const run = (...args: unknown[]): unknown => this.with(context, () => target(...args) as never)
    return run as T
  }

  enable(): this {
    return this
  }

  disable(): this {
    this.#entered.disable()
    return this
  }
}
