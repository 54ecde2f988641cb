import type { Static, TSchema } from '@sinclair/typebox'
import type { AnyElysia } from 'elysia'
import { scopeOf } from '#core/scope'
import { apiOf } from './registry.ts'

/**
 * Makes the function that turns values into the version that a request speaks: of answers that leave piece by piece, such as
 * events of a stream, each is turned when it leaves. At the newest version they are handed on as they are. From `kwik/versioning`.
 *
 * @param schema what the values are now
 * @example
 * app.get('/live', async function* ({ request }) {
 *   const inVersion = lowering(request, Invoice)
 *   for await (const invoice of changes()) yield `data: ${JSON.stringify(inVersion(invoice))}\n\n`
 * }, { public: true })
 */
export function lowering<S extends TSchema>(request: Request, schema: S): (value: Static<S>) => unknown {
  return scopeOf(request).naming?.values(schema) ?? ((value) => value)
}

/**
 * The same where there is no request: what is sent to a webhook or a queue, in the version that its receiver signed up with.
 * From `kwik/versioning`.
 *
 * @param api what `versions()` returned
 * @throws {TypeError} for a version that is not in the list
 * @example const body = loweringTo(api, subscriber.version, Invoice)(invoice)
 */
export function loweringTo<S extends TSchema>(
  api: AnyElysia,
  version: string,
  schema: S,
): (value: Static<S>) => unknown {
  const { converters, versions } = apiOf(api)
  const found = versions.find(({ name }) => name === version)
  if (!found) throw new TypeError(`there is no version "${version}"`)
  return converters.between(schema, found.step, 'down') ?? ((value) => value)
}
