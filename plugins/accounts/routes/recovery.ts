import { scopeOf } from '#core/scope'
import { accepted, acceptedAnswer, emailBody, nothing, resetBody, tokenBody } from '../schemas.ts'
import type { Accounts } from '../service.ts'
import type { Registration } from '../types.ts'
import type { UserSchemas } from '../user-schemas.ts'
import { wiring } from '../wiring.ts'
import type { AccountRoute } from './route.ts'

type Asked<Body> = { request: Request; body: Body; set: { status?: number } }

const tags = ['auth']
const emptied = (): Response => new Response(null, { status: 204 })

/** Registration and forgotten passwords, as far as the app offers them. None of them tells who has an account. */
export function recoveryRoutes(service: Accounts, schemas: UserSchemas, rateLimit: object): readonly AccountRoute[] {
  const { registers, verifies, recovers } = service[wiring]
  const open = { public: true, ...rateLimit }
  const mailing = { ...open, response: { 202: acceptedAnswer } }
  const using = { ...open, response: { 204: nothing } }
  const register: AccountRoute = {
    method: 'POST',
    path: '/auth/register',
    options: { ...mailing, body: schemas.registerBody, detail: { tags, summary: 'Make my account' } },
    handler: async ({ body, request, set }: Asked<Registration>) => {
      await service.register(body, scopeOf(request))
      set.status = 202
      return accepted
    },
  }
  const verification: AccountRoute[] = [
    {
      method: 'POST',
      path: '/auth/verify-email',
      options: {
        ...using,
        body: tokenBody,
        detail: { tags, summary: 'End a registration by the token that was mailed' },
      },
      handler: async ({ body, request }: Asked<{ token: string }>) => {
        await service.verifyEmail(body.token, scopeOf(request))
        return emptied()
      },
    },
    {
      method: 'POST',
      path: '/auth/verify-email/resend',
      options: { ...mailing, body: emailBody, detail: { tags, summary: 'Mail the link of a registration again' } },
      handler: async ({ body, request, set }: Asked<{ email: string }>) => {
        await service.resendVerification(body.email, scopeOf(request))
        set.status = 202
        return accepted
      },
    },
  ]
  const forgotten: AccountRoute[] = [
    {
      method: 'POST',
      path: '/auth/forgot-password',
      options: { ...mailing, body: emailBody, detail: { tags, summary: 'Mail a link for a new password' } },
      handler: async ({ body, request, set }: Asked<{ email: string }>) => {
        await service.forgotPassword(body.email, scopeOf(request))
        set.status = 202
        return accepted
      },
    },
    {
      method: 'POST',
      path: '/auth/reset-password',
      options: { ...using, body: resetBody, detail: { tags, summary: 'Choose a new password; all sessions end' } },
      handler: async ({ body, request }: Asked<{ token: string; password: string }>) => {
        await service.resetPassword(body.token, body.password, scopeOf(request))
        return emptied()
      },
    },
  ]
  return [...(registers ? [register] : []), ...(verifies ? verification : []), ...(recovers ? forgotten : [])]
}
