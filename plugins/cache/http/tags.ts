import { didYouMean } from '#core/internal/spelling'
import type { CachedCall, Tags } from '../options.ts'

/** Finds the tags of one call. */
export type TagFinder<Call> = (call: Call) => readonly string[]

/**
 * How a route's tags are found: `posts:{id}` has a parameter of its path in it.
 *
 * @throws {TypeError} for a parameter that the path does not have, and for what is no text; the finder throws for the
 * latter too, and whatever a function of the app throws
 */
export function tagFinder<Call extends CachedCall>(tags: Tags<Call>, path: string): TagFinder<Call> {
  if (typeof tags === 'function') return (call) => checked(tags(call))
  const all = checked(tags)
  const known: readonly string[] = path.match(/(?<=:)\w+|\*$/g) ?? []
  for (const tag of all)
    for (const [, name] of tag.matchAll(place))
      if (!known.includes(name!))
        throw new TypeError(
          `the tag "${tag}" has {${name}} in it, which is no parameter of the path${didYouMean(name!, known)}`,
        )
  if (!all.some((tag) => tag.includes('{'))) return () => all
  return ({ params }) => all.map((tag) => tag.replaceAll(place, (_, name: string) => String(params[name])))
}

const place = /\{([^{}]*)\}/g

function checked(found: unknown): readonly string[] {
  const all = typeof found === 'string' ? [found] : found
  if (!Array.isArray(all) || !all.every((tag) => typeof tag === 'string' && tag !== ''))
    throw new TypeError(`tags are texts, not ${JSON.stringify(found)}`)
  return all
}
