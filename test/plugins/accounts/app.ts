import { createHash } from 'node:crypto'
import { Elysia } from 'elysia'
import { core } from '#core/access'
import type { Announcements } from '#core/ports/announcements'
import type { Database } from '#core/ports/database'
import type { Logger } from '#core/ports/logger'
import {
  type Accounts,
  type AccountsServiceOptions,
  accountPermissions,
  accounts,
  accountsService,
  accountTables,
  type PasswordHashing,
} from '../../../plugins/accounts/index.ts'
import { permissions } from '../../../plugins/permissions/index.ts'
import { tokenService, tokens } from '../../../plugins/tokens/index.ts'

export { accountTables }
export const declared = [...accountPermissions, 'products:read', 'products:update'] as const
export const password = 'correct horse battery'
const secret = 'n0t-a-r3al-s3cret-0123456789-abcdefghijkl'

const digest = (word: string): string => createHash('sha256').update(word).digest('hex')
/** Hashes at once, on any runtime: where it is not passwords that are tested. */
export const quick: PasswordHashing = {
  hash: async (word) => digest(word),
  verify: async (word, hash) => hash === digest(word),
}

/** A database as a process sees it that has not heard of anything yet: what it believes, it goes on believing. */
export function deaf(db: Database): { readonly db: Database; readonly announcements: Announcements } {
  const engine = {}
  const unheard: Partial<Database> = {
    engine,
    valuesNow: (text, parameters) => (text === 'pragma data_version' ? [[1]] : db.valuesNow?.(text, parameters)),
  }
  return {
    db: new Proxy(db, {
      get: (target, name) => {
        if (name in unheard) return unheard[name as 'engine']
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    }),
    announcements: {
      hears: () => true,
      listen: () => {},
      announce: async () => {},
      ready: async () => true,
      close: async () => {},
    },
  }
}

/** A database, and how often its query builder was asked for. */
export function counting(db: Database): { readonly db: Database; asked(): number } {
  let asked = 0
  return {
    db: new Proxy(db, {
      get: (target, name) => {
        if (name === 'drizzle') asked++
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    }),
    asked: () => asked,
  }
}

export const silent: Logger = { debug() {}, info() {}, warning() {}, error() {} }

/** A logger that keeps its lines. */
export function keepingLines(): { readonly logger: Logger; readonly lines: Line[] } {
  const lines: Line[] = []
  const keep =
    (level: Line['level']) =>
    (message: string, properties: Readonly<Record<string, unknown>> = {}): void =>
      void lines.push({ level, message, properties })
  return {
    logger: { debug: keep('debug'), info: keep('info'), warning: keep('warning'), error: keep('error') },
    lines,
  }
}
export interface Line {
  readonly level: 'debug' | 'info' | 'warning' | 'error'
  readonly message: string
  readonly properties: Readonly<Record<string, unknown>>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
  readonly body: any
}

/** An app with accounts over a database, and a client that speaks as somebody. */
export class Office {
  readonly service: Accounts
  readonly issuer = tokenService({ secret })
  readonly app

  constructor(db: Database, options: AccountsServiceOptions = {}, prefix = '') {
    this.service = accountsService(db, { permissions: declared, logger: silent, ...options })
    this.app = new Elysia({ prefix })
      .use(core({ signals: false }))
      .use(tokens({ secret, principals: this.service.principals }))
      .use(permissions({ declared }))
      .use(accounts({ service: this.service, tokens: this.issuer }))
      .get('/products', ({ user }) => user, { permission: 'products:read' })
  }

  /** @param credential an access token, or headers that carry something else */
  async ask(
    method: string,
    path: string,
    credential?: string | Readonly<Record<string, string>>,
    body?: unknown,
  ): Promise<Answer> {
    const answer = await this.app.handle(
      new Request(`http://localhost${path}`, {
        method,
        headers: {
          ...(typeof credential === 'string' ? { authorization: `Bearer ${credential}` } : credential),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
      }),
    )
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) }
  }

  login(email: string, secretWord: string = password): Promise<Answer> {
    return this.ask('POST', '/auth/login', undefined, { email, password: secretWord })
  }

  /** Makes a user with one role that grants these, and signs them in without spending a hash. */
  async person(email: string, ...grants: string[]): Promise<{ id: string; token: string }> {
    const role = await this.service.createRole({ name: `role of ${email}`, permissions: grants }, 'system')
    const user = await this.service.createUser({ email, password, roles: [role.name] }, 'system')
    return { id: user.id, token: await this.tokenOf(user.id) }
  }

  async admin(email = 'admin@example.com'): Promise<{ id: string; token: string }> {
    const { id } = await this.service.createAdmin({ email, password })
    return { id, token: await this.tokenOf(id) }
  }

  async tokenOf(id: string): Promise<string> {
    const account = await this.service.principals.load(id)
    return (await this.issuer.issue({ id, tokenVersion: account?.tokenVersion ?? 0 })).token
  }
}
