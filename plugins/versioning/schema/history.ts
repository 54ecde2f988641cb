import { type TObject, type TSchema, TypeGuard } from '@sinclair/typebox'
import { seenOnly } from '#core/schema'
import type { Lens, Sides } from '../lens/lens.ts'
import { mapChildren, withProperties } from './children.ts'
import { isAbout, isTable, type Target } from './target.ts'

/** The way from one version to the next: what its changes say of objects, in their order. */
export interface Step {
  /** Version that it leads to. */
  readonly to: string
  readonly lenses: readonly Lens[]
}

/** Schemas by name: what references mean. */
export type Models = Readonly<Record<string, TSchema>>

/**
 * What schemas were in older versions. Each is derived once, step by step from what it is now; what no change is about
 * stays the very same object.
 */
export class SchemaHistory {
  /** The oldest step first. */
  readonly steps: readonly Step[]
  private models: Models = {}
  private readonly older = new Map<number, WeakMap<TSchema, TSchema>>()
  /** What a derived schema is now. */
  private readonly now = new WeakMap<TSchema, TSchema>()

  constructor(steps: readonly Step[]) {
    this.steps = steps
  }

  /** Tells what references mean: known when the app's routes are. */
  learn(models: Models): void {
    this.models = models
  }

  /** The schema as it was before a step and all that came after. @param step its place; the number of steps for now */
  before(schema: TSchema, step: number): TSchema {
    let one = schema
    for (let at = this.steps.length - 1; at >= step; at--) one = this.stepBack(one, at)
    return one
  }

  modelsBefore(step: number): Models {
    return Object.fromEntries(Object.entries(this.models).map(([name, one]) => [name, this.before(one, step)]))
  }

  /** What the changes of a step say of an object. */
  lensesOf(schema: TSchema, step: number): readonly Lens[] {
    const now = this.now.get(schema) ?? schema
    return this.steps[step]!.lenses.filter((lens) => isAbout(lens.target, now))
  }

  /** The schema as it was before one step, where it is given as it was after. */
  stepBack(schema: TSchema, at: number): TSchema {
    let known = this.older.get(at)
    if (!known) this.older.set(at, (known = new WeakMap()))
    const found = known.get(schema)
    if (found) return found
    const inner = mapChildren(schema, (child) => this.stepBack(child, at))
    const made = TypeGuard.IsObject(inner) ? this.turnedBack(inner, schema as TObject, at) : inner
    if (made !== schema) this.now.set(made, this.now.get(schema) ?? schema)
    known.set(schema, made)
    return made
  }

  /** Whether an object has fewer fields than the one that a change names. Of tables' rows and bodies it is known who has what. */
  private isPart(now: TSchema, target: Target): boolean {
    const whole = typeof target === 'string' ? this.models[target] : isTable(target) ? undefined : target
    return (
      whole?.['properties'] !== undefined &&
      Object.keys(whole['properties']).some((name) => !(name in now['properties']))
    )
  }

  /** What each change of a step makes of an object, which is given as it was after the step: the last change first. */
  sidesOf(schema: TObject, at: number): readonly (Sides & { readonly lens: Lens })[] {
    return this.sides(mapChildren(schema, (child) => this.stepBack(child, at)) as TObject, schema, at)
  }

  private sides(inner: TObject, schema: TObject, at: number): readonly (Sides & { readonly lens: Lens })[] {
    const now = this.now.get(schema) ?? schema
    const asThen = (one: TSchema): TSchema => this.before(one, at)
    let newer = inner
    return this.lensesOf(schema, at)
      .toReversed()
      .map((lens) => {
        const properties = lens.older(newer.properties, newer, asThen, this.isPart(now, lens.target))
        const older = properties === newer.properties ? newer : withProperties(newer, properties)
        const sides = { lens, older, newer }
        newer = older
        return sides
      })
  }

  private turnedBack(inner: TObject, schema: TObject, at: number): TObject {
    const older = this.sides(inner, schema, at).at(-1)?.older ?? inner
    return older === inner ? inner : renamedSeenOnly(older, this.lensesOf(schema, at))
  }
}

/** Bodies know fields that clients see and do not write: they have older names too. */
function renamedSeenOnly(node: TObject, lenses: readonly Lens[]): TObject {
  const seen = (node as { readonly [seenOnly]?: readonly string[] })[seenOnly]
  if (seen === undefined) return node
  const older = (name: string): string =>
    lenses.toReversed().reduce((one, { words }) => (words.renamed?.[1] === one ? words.renamed[0] : one), name)
  return { ...node, [seenOnly]: seen.map(older) } as TObject
}
