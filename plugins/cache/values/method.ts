import type { Cache } from './cache.ts'
import { encode } from './codec.ts'
import type { CacheRules } from './rules.ts'

export type MethodRules<Args extends readonly unknown[]> = Omit<CacheRules, 'tags' | 'signal'> & {
  /** The whole key, as `cache.delete()` takes it. @default the names of class and method, and the arguments */
  readonly key?: (...args: Args) => string
  readonly tags?: readonly string[] | ((...args: Args) => readonly string[])
}

type Method<This, Args extends readonly unknown[], Result> = (this: This, ...args: Args) => Promise<Result>

/** Decorates methods that have at least the parameters that the rules ask for. */
export type MethodDecorator<Args extends readonly unknown[]> = <
  This,
  Own extends readonly [...Args, ...unknown[]],
  Result,
>(
  method: Method<This, Own, Result>,
  context: ClassMethodDecoratorContext<This, Method<This, Own, Result>>,
) => Method<This, Own, Result>

export function wrapped<This, Args extends readonly unknown[], Own extends readonly [...Args, ...unknown[]], Result>(
  cache: Cache,
  classes: Map<string, object>,
  method: Method<This, Own, Result>,
  name: string,
  { key, tags, ...rules }: MethodRules<Args>,
): Method<This, Own, Result> {
  return async function (this: This, ...args: Own): Promise<Result> {
    // What comes after the parameters that the rules know is nothing to them.
    const known = args as readonly unknown[] as Args
    const place = key ? key(...known) : `${nameOf(this, classes)}.${name}:${encode(args)}`
    const under = typeof tags === 'function' ? tags(...known) : tags
    return cache.getOrSet(place, () => method.call(this, ...args), { ...rules, ...(under && { tags: under }) })
  }
}

/** The name of an object's class. Two classes of one name would answer each other's values. */
function nameOf(instance: unknown, classes: Map<string, object>): string {
  const made: unknown = typeof instance === 'function' ? instance : Object(instance).constructor
  if (typeof made !== 'function' || made.name === '')
    throw new TypeError('a class without a name has cached methods: say the `key` of theirs')
  const known = classes.get(made.name)
  if (known === undefined) classes.set(made.name, made)
  else if (known !== made)
    throw new TypeError(`there are two classes named "${made.name}" with cached methods: say the \`key\` of theirs`)
  return made.name
}
