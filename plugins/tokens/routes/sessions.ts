import { unauthenticated } from '#core/access'
import { refuse } from '#core/errors'
import type { TokenAnswer } from '#core/ports/sessions'
import { type Principal, type Scope, scopeOf } from '#core/scope'
import { bearerToken, isToken } from '../bearer.ts'
import { refreshRefused } from '../errors.ts'
import { accessCookie, clearCookies, cookieOf, refreshCookie, refreshRoute } from '../sessions/cookies.ts'
import type { SessionKeeper } from '../sessions/service.ts'
import { noStore, type TokenRoute } from './route.ts'
import { idParams, logoutBody, nothing, type RefreshBody, refreshBody, sessionList, tokenAnswer } from './schemas.ts'

const tags = ['auth']
const gone = (): Response => new Response(null, { status: 204 })
/** Tokens alone: an API key has no session, and lives on. */
const auth = ['bearer', 'cookie']

/** Going on with a session, and ending it. */
export function sessionRoutes(sessions: SessionKeeper): readonly TokenRoute[] {
  return [
    {
      method: 'POST',
      path: refreshRoute,
      options: {
        public: true,
        body: refreshBody,
        response: { 200: tokenAnswer },
        detail: { tags, summary: 'Get new tokens for a refresh token', description: 'With cookies there is no body.' },
      },
      handler: async ({ body, request }: { body: RefreshBody | undefined; request: Request }) => {
        const scope = scopeOf(request)
        scope.header(...noStore)
        // A refusal leaves the cookies: of two that race, the loser must not sign the winner out.
        return inBothWords(await sessions.refresh(shownToken(sessions, scope, body), scope), body)
      },
    },
    {
      method: 'POST',
      path: '/auth/logout',
      options: {
        public: true,
        body: logoutBody,
        response: { 204: nothing },
        detail: {
          tags,
          summary: 'End the session',
          description: 'Of the token that is sent, also one that has expired.',
        },
      },
      handler: async ({ body, request }: { body: RefreshBody | undefined; request: Request }) => {
        const scope = scopeOf(request)
        scope.header(...noStore)
        const session = await sessionNamed(sessions, scope, body)
        if (session === undefined) throw scope.rejection ?? unauthenticated()
        await sessions.logout(session, scope)
        if (sessions.options.cookies) clearCookies(scope)
        return gone()
      },
    },
    {
      method: 'POST',
      path: '/auth/logout-all',
      options: {
        auth,
        response: { 204: nothing },
        detail: { tags, summary: 'End all sessions', description: 'On every device. API keys stay good.' },
      },
      handler: async ({ request }: { request: Request }) => {
        const scope = scopeOf(request)
        scope.header(...noStore)
        await sessions.revokeAll(ownerOf(scope).id, undefined, 'logout-all')
        if (sessions.options.cookies) clearCookies(scope)
        return gone()
      },
    },
    {
      method: 'GET',
      path: '/auth/sessions',
      options: { auth, response: { 200: sessionList }, detail: { tags, summary: 'Where you are signed in' } },
      handler: async ({ request }: { request: Request }) => {
        const scope = scopeOf(request)
        scope.header(...noStore)
        const { id: owner, sessionId } = callerOf(scope)
        const data = (await sessions.list(owner)).map(({ id, createdAt, lastUsedAt, expiresAt, ...seen }) => ({
          id,
          current: id === sessionId,
          createdAt: new Date(createdAt).toISOString(),
          lastUsedAt: new Date(lastUsedAt).toISOString(),
          expiresAt: new Date(expiresAt).toISOString(),
          address: seen.address,
          userAgent: seen.userAgent,
          actorId: seen.actorId,
        }))
        return { data }
      },
    },
    {
      method: 'DELETE',
      path: '/auth/sessions/:id',
      options: {
        auth,
        params: idParams,
        response: { 204: nothing },
        detail: { tags, summary: 'End one of your sessions' },
      },
      handler: async ({ params, request }: { params: { id: string }; request: Request }) => {
        const scope = scopeOf(request)
        scope.header(...noStore)
        const id = params.id.toLowerCase()
        const own = (await sessions.list(ownerOf(scope).id)).some((session) => session.id === id)
        if (!own || !(await sessions.revoke(id))) throw unknownSession()
        return gone()
      },
    },
  ]
}

/** The refresh token that was sent: in the body, or in the cookie that only this route gets. */
function shownToken(sessions: SessionKeeper, scope: Scope, body: RefreshBody | undefined): string {
  const sent = body?.refreshToken ?? body?.refresh_token
  if (sent !== undefined) return sent
  const kept = sessions.options.cookies ? cookieOf(scope.request, refreshCookie) : undefined
  if (kept === undefined) throw refreshRefused()
  return kept
}

/**
 * Which session whoever says goodbye means. A token that has expired still names its session: who comes back too late
 * must be able to leave all the same.
 */
async function sessionNamed(
  sessions: SessionKeeper,
  scope: Scope,
  body: RefreshBody | undefined,
): Promise<string | undefined> {
  const header = scope.request.headers.get('authorization')
  const sent = header === null ? null : bearerToken(header)
  // No page puts a token into a header of a request that another site has not allowed.
  if (typeof sent !== 'string') sessions.mustBeOurs(scope)
  if (body?.refreshToken !== undefined) return sessions.sessionOf(body.refreshToken)
  if (typeof sent === 'string') return (await sessions.read(sent))?.sid
  const kept = sessions.options.cookies ? cookieOf(scope.request, accessCookie) : undefined
  if (kept === undefined || !isToken(kept)) return undefined
  return (await sessions.read(kept))?.sid
}

/** Who sent an OAuth 2.0 form gets its words too. */
const inBothWords = (answer: TokenAnswer, body: RefreshBody | undefined): object => ({
  ...answer,
  ...(body?.refresh_token !== undefined && {
    access_token: answer.accessToken,
    token_type: answer.tokenType,
    expires_in: answer.expiresIn,
    ...(answer.refreshToken !== undefined && { refresh_token: answer.refreshToken }),
  }),
})

/** The route's `auth` has made sure that somebody calls. */
function callerOf({ principal }: Scope): Principal {
  if (principal === null) throw new TypeError('a route of sessions ran without a caller')
  return principal
}

/** Who acts for somebody does not sign them out. */
function ownerOf(scope: Scope): Principal {
  const caller = callerOf(scope)
  if (caller.actor === undefined) return caller
  throw refuse('KWIK_FORBIDDEN', { detail: 'Not while you act for somebody: their sessions are theirs.' })
}

const unknownSession = () =>
  refuse('KWIK_NOT_FOUND', {
    detail: 'You have no session with this id.',
    errors: [{ code: 'unknown-id', detail: 'is no session of yours', parameter: 'id' }],
  })
