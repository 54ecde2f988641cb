import { AsyncLocalStorage } from 'node:async_hooks'
import type { Context, ContextManager, Span } from '@opentelemetry/api'
import { currentScope } from '#core/context'
import { type Scope, type Slot, slot } from '#core/scope'
import type { Api } from './adapters/library.ts'

/** The span of a request, and what it was made in. */
export interface RequestContext {
  readonly span: Span
  readonly parent: Context
  /** Whether the span is ours to end. */
  readonly own: boolean
  /** With the span in it: made when somebody asks, for most requests nobody does. */
  context: Context | undefined
}
export const requestSlot: Slot<RequestContext> = slot('tracing.request')

export function contextOf({ trace }: Api, scope: Scope): Context | undefined {
  const request = scope.get(requestSlot)
  if (request === undefined) return undefined
  request.context ??= trace.setSpan(request.parent, request.span)
  return request.context
}

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
  readonly #api: Api
  readonly #entered = new AsyncLocalStorage<Entered>()

  constructor(api: Api) {
    this.#api = api
  }

  active(): Context {
    const entered = this.#entered.getStore()
    const scope = currentScope()
    if (entered !== undefined && entered.scope === scope) return entered.context
    return (scope && contextOf(this.#api, scope)) ?? entered?.context ?? this.#api.ROOT_CONTEXT
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
