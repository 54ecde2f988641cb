import { createHash } from 'node:crypto'
import { Elysia } from 'elysia'
import type { SessionSubject } from '#core/ports/sessions'
import type { TokenIssuer } from '#core/ports/token-issuer'
import { Scope } from '#core/scope'
import {
  type Accounts,
  accountPermissions,
  accountsService,
  accountTables,
  type PasswordHashing,
} from '../../../../plugins/accounts/index.ts'
import type { Database } from '../../../../plugins/database/index.ts'
import { type SessionService, sessions, tokenTables } from '../../../../plugins/tokens/index.ts'
import { kwik } from '../../../../src/kwik.ts'
import type { KwikOptions } from '../../../../src/kwik.types.ts'
import { servicesOf } from '../../../../src/services.ts'

export const tables = [...accountTables, ...tokenTables]
export { accountTables }
export const secret = 'n0t-a-r3al-s3cret-0123456789-abcdefghijkl'
export const password = 'correct horse battery'
const names = ['products:read', 'products:update'] as const

const digest = (word: string): string => createHash('sha256').update(word).digest('hex')
/** Hashes at once: it is not passwords that are tested. */
const quick: PasswordHashing = {
  hash: async (word) => digest(word),
  verify: async (word, hash) => hash === digest(word),
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
  readonly body: any
}
export interface Tokens {
  readonly accessToken: string
  readonly refreshToken: string
}

type HouseOptions = Partial<Pick<KwikOptions, 'redis' | 'clock' | 'tokens' | 'health' | 'headers' | 'trustedProxies'>>

/** A whole app with accounts and sessions: one process of several, where two share a database. */
export class House {
  readonly accounts: Accounts
  readonly sessions: SessionService
  readonly issuer: TokenIssuer
  readonly platform
  readonly app

  constructor(db: Database, { tokens, ...options }: HouseOptions = {}, prefix = '') {
    this.accounts = accountsService(db, { permissions: [...accountPermissions, ...names], hashing: quick })
    this.platform = kwik({
      database: db,
      accounts: this.accounts,
      permissions: names,
      tokens: { ...(tokens?.keys ? {} : { secret }), ...tokens },
      logging: false,
      signals: false,
      ...options,
    })
    const services = servicesOf(this.platform)
    this.sessions = services.sessions!
    this.issuer = services.tokens!
    this.app = new Elysia({ prefix })
      .use(this.platform)
      .get('/products', ({ user }) => user, { permission: 'products:read' })
      .post('/products', ({ user }) => user, { permission: 'products:read' })
  }

  async ask(method: string, path: string, headers: Record<string, string> = {}, body?: unknown): Promise<Reply> {
    const sent = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body)
    const about = { 'content-type': 'application/json', 'content-length': String(sent?.length) }
    const answer = await this.app.handle(
      new Request(`http://localhost${path}`, { method, headers: { ...(sent && about), ...headers }, body: sent }),
    )
    const text = await answer.text()
    const isJson = answer.headers.get('content-type')?.includes('json') === true
    return { status: answer.status, headers: answer.headers, body: isJson && text !== '' ? JSON.parse(text) : text }
  }

  /** The status of a request with an access token. */
  async try(token: string, path = '/products', method = 'GET'): Promise<number> {
    return (await this.ask(method, path, bearer(token))).status
  }

  /** Makes a user who may read products, and more. */
  async person(email = 'bob@example.com', ...grants: string[]): Promise<string> {
    const role = await this.accounts.createRole(
      { name: `role of ${email}`, permissions: ['products:read', ...grants] },
      'system',
    )
    return (await this.accounts.createUser({ email, password, roles: [role.name] }, 'system')).id
  }

  async login(email = 'bob@example.com', word: string = password): Promise<Tokens> {
    const answer = await this.ask('POST', '/auth/login', {}, { email, password: word })
    if (answer.status !== 200) throw new Error(`cannot sign in: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  refresh(refreshToken: string): Promise<Reply> {
    return this.ask('POST', '/auth/refresh', {}, { refreshToken })
  }

  begin(subject: SessionSubject) {
    return this.sessions.begin(new Scope(new Request('http://localhost/')), subject)
  }
}

export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })
// biome-ignore lint/suspicious/noExplicitAny: each test knows what it looks for
export const claimsOf = (token: string): any => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString())
export const sessionIdOf = (token: string): string => claimsOf(token).sid
export { sessions }
