import type { AnyElysia } from 'elysia'
import { boot } from '#core/boot'
import type { OpenApiDocument } from './document.ts'

type Make = (version?: string) => OpenApiDocument
const documents = new WeakMap<AnyElysia, Make>()
export const rememberDocument = (root: AnyElysia, make: Make): void => void documents.set(root, make)

/**
 * The API document of an app, as it serves it: for commands and tests. From `kwik/openapi`.
 *
 * @param version of the API, where it has versions; the newest by default
 * @throws {TypeError} for an app that serves none
 */
export function apiDocument(app: AnyElysia, version?: string): OpenApiDocument {
  boot(app)
  const make = documents.get(app)
  if (!make) throw new TypeError('this app has no API document: switch it on with kwik({ openapi: {} })')
  return make(version)
}
