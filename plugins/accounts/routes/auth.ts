import type { Sessions, TokenAnswer } from '#core/ports/sessions'
import type { TokenIssuer } from '#core/ports/token-issuer'
import { type Scope, scopeOf } from '#core/scope'
import { foreignTenant } from '#core/tenancy'
import { invalid } from '../errors.ts'
import type { SignedIn } from '../login.ts'
import { type LoginBody, loginAnswer, loginBody } from '../schemas.ts'
import type { Accounts } from '../service.ts'
import { tenantNameOf } from '../text.ts'
import type { UserSchemas } from '../user-schemas.ts'
import { type AccountRoute, callerOf } from './route.ts'

/** What a sign-in leads to: a session, or a single token where the app has none. */
export interface Entry {
  readonly tokens: TokenIssuer
  readonly sessions: Sessions | undefined
}

/** Signing in, and who is signed in. */
export function authRoutes(
  service: Accounts,
  entry: Entry,
  schemas: UserSchemas,
  rateLimit: object,
): readonly AccountRoute[] {
  return [
    {
      method: 'POST',
      path: '/auth/login',
      options: {
        public: true,
        ...rateLimit,
        body: loginBody,
        response: { 200: loginAnswer },
        detail: { tags: ['auth'], summary: 'Sign in', description: 'JSON with email, or a form with username.' },
      },
      handler: async ({ body, request }: { body: LoginBody; request: Request }) => {
        const { email, username, password, tenant } = body
        if ((email === undefined) === (username === undefined)) throw oneOf(email)
        if (tenant !== undefined) tenantNameOf(tenant)
        const scope = scopeOf(request)
        const refusal = entry.sessions?.refusal?.(scope)
        if (refusal) throw refusal
        const signedIn = await service.login({ email: email ?? username ?? '', password }, scope)
        if (tenant !== undefined && !(await service.belongsTo(signedIn.id, tenant))) throw foreignTenant()
        const answer = await enter(entry, scope, { ...signedIn, ...(tenant !== undefined && { tenant }) })
        // RFC 6749, 5.1.
        scope.header('cache-control', 'no-store')
        return {
          ...answer,
          ...(username !== undefined && {
            access_token: answer.accessToken,
            token_type: 'Bearer',
            expires_in: answer.expiresIn,
            ...(answer.refreshToken !== undefined && { refresh_token: answer.refreshToken }),
          }),
        }
      },
    },
    {
      method: 'GET',
      path: '/auth/me',
      options: {
        auth: true,
        response: { 200: schemas.me },
        detail: { tags: ['auth'], summary: 'Who is signed in, and what they may do' },
      },
      handler: async ({ request }: { request: Request }) => {
        const { id, permissions } = callerOf(request)
        const user = await service.findUser(id)
        return { ...user, permissions: [...permissions].sort() }
      },
    },
  ]
}

async function enter({ tokens, sessions }: Entry, scope: Scope, signedIn: SignedIn): Promise<TokenAnswer> {
  if (sessions) {
    const { sessionId: _, ...answer } = await sessions.begin(scope, signedIn)
    return answer
  }
  const { token, expiresIn } = await tokens.issue(signedIn)
  return { accessToken: token, tokenType: 'Bearer', expiresIn }
}

const oneOf = (email: string | undefined) =>
  invalid([
    email === undefined
      ? { code: 'required', detail: 'email is required', pointer: '/email' }
      : { code: 'not-allowed', detail: 'send email or username, not both', pointer: '/username' },
  ])
