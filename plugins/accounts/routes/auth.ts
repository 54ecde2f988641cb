import type { TokenIssuer } from '#core/ports/token-issuer'
import { scopeOf } from '#core/scope'
import { foreignTenant } from '#core/tenancy'
import { invalid } from '../errors.ts'
import { type LoginBody, loginAnswer, loginBody, meAnswer } from '../schemas.ts'
import type { Accounts } from '../service.ts'
import { type AccountRoute, callerOf } from './route.ts'

/** Signing in, and who is signed in. */
export function authRoutes(service: Accounts, tokens: TokenIssuer, rateLimit: object | false): readonly AccountRoute[] {
  return [
    {
      method: 'POST',
      path: '/auth/login',
      options: {
        public: true,
        ...(rateLimit && { rateLimit }),
        body: loginBody,
        response: { 200: loginAnswer },
        detail: { tags: ['auth'], summary: 'Sign in', description: 'JSON with email, or a form with username.' },
      },
      handler: async ({ body, request }: { body: LoginBody; request: Request }) => {
        const { email, username, password, tenant } = body
        if ((email === undefined) === (username === undefined)) throw oneOf(email)
        const signedIn = await service.login({ email: email ?? username ?? '', password })
        if (tenant !== undefined && !(await service.belongsTo(signedIn.id, tenant))) throw foreignTenant()
        const { token, expiresIn } = await tokens.issue({ ...signedIn, ...(tenant !== undefined && { tenant }) })
        // RFC 6749, 5.1.
        scopeOf(request).header('cache-control', 'no-store')
        return {
          accessToken: token,
          tokenType: 'Bearer',
          expiresIn,
          ...(username !== undefined && { access_token: token, token_type: 'Bearer', expires_in: expiresIn }),
        }
      },
    },
    {
      method: 'GET',
      path: '/auth/me',
      options: {
        auth: true,
        response: { 200: meAnswer },
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

const oneOf = (email: string | undefined) =>
  invalid([
    email === undefined
      ? { code: 'required', detail: 'email is required', pointer: '/email' }
      : { code: 'not-allowed', detail: 'send email or username, not both', pointer: '/username' },
  ])
