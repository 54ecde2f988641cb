import { randomBytes } from 'node:crypto'
import { KeyRing } from './cursor.ts'

/** The keys of each app, for lists that are made outside a route with the shape's hook. */
const rings = new WeakMap<object, KeyRing>()

/** For requests that no app has seen: those that jobs and seeds make. Its cursors end with the process. */
const ofProcess: KeyRing = new KeyRing([randomBytes(32).toString('base64url')])

export const rememberRing = (root: object, ring: KeyRing): void => void rings.set(root, ring)

/** The keys of an app; `undefined` for an app without the plugin. */
export const ringOf = (root: object | undefined): KeyRing | undefined =>
  root === undefined ? ofProcess : rings.get(root)
