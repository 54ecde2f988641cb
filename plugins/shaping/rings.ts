import type { KeyRing } from './cursor.ts'

/** The keys of each app, for lists that are made outside a route with the shape's hook. */
const rings = new WeakMap<object, KeyRing>()

export const rememberRing = (root: object, ring: KeyRing): void => void rings.set(root, ring)
export const ringOf = (root: object | undefined): KeyRing | undefined => root && rings.get(root)
