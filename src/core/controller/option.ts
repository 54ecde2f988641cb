import { declaredOn } from './metadata.ts'

/** Stacks on a route's method and says one of its options; it adds nothing that the method's type would have to know. */
export type OptionDecorator = (method: (context: never) => unknown, context: ClassMethodDecoratorContext) => void

/**
 * Makes a decorator for a route option: `@cache({ ttl: 300 })` is `cache: { ttl: 300 }` on the route. From `kwik/core`.
 * @example const audited = (value: boolean): OptionDecorator => option('audited', value)
 */
export function option(key: string, value: unknown): OptionDecorator {
  return (_method, context) => {
    const { options } = declaredOn(context.metadata)
    options.set(context.name, { ...options.get(context.name), [key]: value })
  }
}
