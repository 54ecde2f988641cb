import type { AnyElysia } from 'elysia'
import { boot } from '#core/boot'
import { declaredAccess, whoMay } from '#core/declared-access'

/** Who may call a route, in words: `anyone`, `signed in`, `undeclared`, or the permissions that it takes. */
export interface RouteAccess {
  /** `WS` for a WebSocket, `ALL` for what is mounted. */
  readonly method: string
  readonly path: string
  readonly who: string
}

/**
 * Who may call each route of an app, its plugins' own among them, in the order of their paths: a test keeps it as a
 * snapshot, so that nobody opens a route unseen. From `kwik/testing`.
 *
 * @throws {BootError} for an app that cannot be right, also when it is strict and a route says nothing
 * @example expect(await accessOf(app)).toMatchSnapshot()
 */
export async function accessOf(app: AnyElysia): Promise<readonly RouteAccess[]> {
  await app.modules
  return boot(app)
    .facts.map((facts) => ({ method: facts.method, path: facts.path, who: whoMay(declaredAccess(facts)) }))
    .sort((a, b) => (a.path === b.path ? (a.method < b.method ? -1 : 1) : a.path < b.path ? -1 : 1))
}

/**
 * Fails a test for routes that do not say who may call them: neither `auth`, `permission` nor `public: true`. It finds them in
 * apps with `strict: false` too, among them WebSockets and what is mounted. From `kwik/testing`.
 *
 * @throws {Error} naming each of them
 * @example test('every route says who may call it', () => expectDeclaredAccess(app))
 */
export async function expectDeclaredAccess(app: AnyElysia): Promise<void> {
  const open = (await accessOf(app)).filter(({ who }) => who === 'undeclared')
  if (open.length === 0) return
  throw new Error(
    `these routes do not say who may call them; write \`auth: true\`, \`permission: ...\` or \`public: true\`:\n${open.map(({ method, path }) => `  ${method} ${path}`).join('\n')}`,
  )
}
