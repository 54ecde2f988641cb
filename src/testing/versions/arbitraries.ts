import { type TSchema, TypeGuard } from '@sinclair/typebox'
import type * as FastCheck from 'fast-check'
import { fits, type Models } from '#core/schema'

type Check = typeof FastCheck
type Arbitrary = FastCheck.Arbitrary<unknown>

/** Elysia takes these as text too, where everything is text. A body has what they mean. */
const textForms: readonly unknown[] = ['numeric', 'integer', 'boolean', 'ObjectString', 'ArrayString']
const deepest = 4

/** Makes values that fit schemas: what JSON can be of them. */
export class Arbitraries {
  private readonly fc: Check
  private readonly models: Models
  private readonly own: ((schema: TSchema) => Arbitrary | undefined) | undefined

  constructor(fc: Check, models: Models, own?: (schema: TSchema) => Arbitrary | undefined) {
    this.fc = fc
    this.models = models
    this.own = own
  }

  /** @throws {TypeError} for a schema of which no value can be made */
  of(schema: TSchema): Arbitrary {
    return this.make(schema, 0)
      .map((value) => (value === undefined ? value : JSON.parse(JSON.stringify(value))))
      .filter((value) => fits(schema, value, this.models))
  }

  private make(schema: TSchema, depth: number): Arbitrary {
    const { fc } = this
    const own = this.own?.(schema)
    if (own) return own
    if (typeof schema['$ref'] === 'string') return this.make(this.named(schema['$ref']), depth + 1)
    if ('const' in schema) return fc.constant(schema['const'])
    if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]))
    const any = (schema['anyOf'] ?? schema['oneOf']) as readonly TSchema[] | undefined
    if (any) return this.oneOf(any, depth)
    const all = schema['allOf'] as readonly TSchema[] | undefined
    if (all) return fc.tuple(...all.map((one) => this.make(one, depth))).map((parts) => Object.assign({}, ...parts))
    if (TypeGuard.IsObject(schema)) return this.object(schema.properties, schema.required ?? [], depth)
    if (schema['patternProperties'])
      return fc.dictionary(
        fc.string({ maxLength: 5 }).filter((key) => key !== '__proto__'),
        this.make(Object.values(schema['patternProperties'])[0] as TSchema, depth + 1),
        { maxKeys: 3, noNullPrototype: true },
      )
    switch (schema['type']) {
      case 'array':
        return this.array(schema, depth)
      case 'string':
        return this.text(schema)
      case 'integer':
      case 'number':
        return this.number(schema)
      case 'boolean':
        return fc.boolean()
      case 'null':
        return fc.constant(null)
      default:
        return fc.jsonValue({ maxDepth: 1 })
    }
  }

  private named(name: string): TSchema {
    const found = this.models[name]
    if (found) return found
    throw new TypeError(`checkVersions: nothing is called "${name}": hand over the app, { app }, or { values }`)
  }

  private oneOf(any: readonly TSchema[], depth: number): Arbitrary {
    const meant = any.filter(({ type, format }) => !(type === 'string' && textForms.includes(format)))
    const flat = depth > deepest ? meant.filter(({ type }) => type !== 'object' && type !== 'array') : meant
    return this.fc.oneof(...(flat.length > 0 ? flat : meant).map((one) => this.make(one, depth + 1)))
  }

  private object(properties: Record<string, TSchema>, required: readonly string[], depth: number): Arbitrary {
    const fields = Object.entries(properties).filter(([name]) => required.includes(name) || depth <= deepest)
    const made = Object.fromEntries(fields.map(([name, one]) => [name, this.make(one, depth + 1)]))
    return this.fc.record(made, { requiredKeys: required as never, noNullPrototype: true })
  }

  private array(schema: TSchema, depth: number): Arbitrary {
    const {
      items,
      minItems = 0,
      maxItems = 3,
    } = schema as { items?: TSchema | TSchema[]; minItems?: number; maxItems?: number }
    if (Array.isArray(items)) return this.fc.tuple(...items.map((one) => this.make(one, depth + 1)))
    const most = depth > deepest ? minItems : Math.max(minItems, Math.min(maxItems, 3))
    return this.fc.array(this.make(items ?? ({} as TSchema), depth + 1), { minLength: minItems, maxLength: most })
  }

  private text({ format, pattern, minLength = 0, maxLength = 20 }: TSchema): Arbitrary {
    const { fc } = this
    const bounds = { minLength, maxLength: Math.max(minLength, Math.min(maxLength, 20)) }
    const moment = fc.integer({ min: 0, max: 4_102_444_800_000 }).map((at) => new Date(at).toISOString())
    switch (format) {
      case 'date-time':
        return moment
      case 'date':
        return moment.map((text) => text.slice(0, 10))
      case 'uuid':
        return fc.uuid()
      case 'email':
        return fc.integer({ min: 0, max: 999 }).map((n) => `user${n}@example.com`)
      case 'uri':
        return fc.integer({ min: 0, max: 999 }).map((n) => `https://example.com/${n}`)
      default:
        return pattern === undefined ? fc.string(bounds) : fc.stringMatching(new RegExp(pattern))
    }
  }

  private number({ type, minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf }: TSchema): Arbitrary {
    const { fc } = this
    const low =
      minimum ?? (exclusiveMinimum === undefined ? -1_000_000 : exclusiveMinimum + (type === 'integer' ? 1 : 1e-6))
    const high =
      maximum ??
      (exclusiveMaximum === undefined ? Math.max(low, 1_000_000) : exclusiveMaximum - (type === 'integer' ? 1 : 1e-6))
    if (multipleOf !== undefined)
      return fc
        .integer({ min: Math.ceil(low / multipleOf), max: Math.floor(high / multipleOf) })
        .map((n) => n * multipleOf)
    if (type === 'integer') return fc.integer({ min: Math.ceil(low), max: Math.floor(high) })
    return fc.double({ min: low, max: high, noNaN: true }).map((n) => (Object.is(n, -0) ? 0 : n))
  }
}
