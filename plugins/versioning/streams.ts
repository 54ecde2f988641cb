import type { Static, TSchema } from '@sinclair/typebox'
import { scopeOf } from '#core/scope'

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
