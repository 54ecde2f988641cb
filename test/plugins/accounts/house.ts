import { Elysia } from 'elysia'
import { kwik } from 'kwik'
import { createLogger } from 'kwik/logging'
import { historyTable, resource } from 'kwik/resources'
import { tokenTables } from 'kwik/tokens'
import type { Clock } from '#core/ports/clock'
import type { Database } from '#core/ports/database'
import { defineTable } from '#core/table/define'
import { expect } from '#test'
import { type AccountsServiceOptions, accountPermissions, accountsService } from '../../../plugins/accounts/index.ts'
import { type Answer, accountTables, password, quick } from './app.ts'

export const notes = defineTable('notes', (t) => ({ id: t.id(), text: t.string(100), ...t.audit() }))
export const tables = [...accountTables, ...tokenTables, notes, historyTable()]
export const names = [
  'products:read',
  'products:update',
  'notes:read',
  'notes:create',
  'notes:update',
  'notes:delete',
  'notes:history',
] as const

export interface Person {
  readonly id: string
  readonly email: string
  readonly token: string
}

/** A whole platform with sessions over a database. */
export class House {
  readonly service
  readonly app
  constructor(
    db: Database,
    { clock, cookies, ...options }: AccountsServiceOptions & { clock?: Clock; cookies?: boolean } = {},
  ) {
    this.service = accountsService(db, { permissions: [...names, ...accountPermissions], hashing: quick, ...options })
    const platform = kwik({
      database: db,
      accounts: this.service,
      permissions: names,
      tokens: { secret: '8c1f0d6a3b9e4f72a5d0c6b1e8f39a47', ...(cookies && { refresh: { transport: 'cookie' } }) },
      logging: { logger: createLogger({ write: () => {} }) },
      signals: false,
      ...(clock && { clock }),
    })
    this.app = new Elysia()
      .use(platform)
      .get('/products', ({ user }) => user, { permission: 'products:read' })
      .patch('/products', () => 'changed', { permission: 'products:update' })
      .post('/close-account', () => 'closed', { auth: true, inPerson: true })
      .use(resource('notes', { table: notes, history: true }))
  }

  async ask(
    method: string,
    path: string,
    credential?: string | Record<string, string>,
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
    const json = text.startsWith('{') || text.startsWith('[')
    return { status: answer.status, headers: answer.headers, body: json ? JSON.parse(text) : text }
  }

  async person(name: string, ...grants: string[]): Promise<Person> {
    const email = `${name}@example.com`
    const role = await this.service.createRole({ name: `role of ${name}`, permissions: grants }, 'system')
    const { id } = await this.service.createUser({ email, password, roles: [role.name] }, 'system')
    return { id, email, token: await this.login(email) }
  }

  async login(email: string): Promise<string> {
    return (await this.ask('POST', '/auth/login', undefined, { email, password })).body.accessToken
  }

  impersonate(
    by: string | Record<string, string>,
    target: string,
    body: object = { reason: 'ticket 7' },
  ): Promise<Answer> {
    return this.ask('POST', `/users/${target}/impersonate`, by, body)
  }

  async acting(by: Person, target: Person, body?: object): Promise<string> {
    const answer = await this.impersonate(by.token, target.id, body)
    expect([answer.status, answer.body.detail]).toEqual([200, undefined])
    return answer.body.accessToken
  }

  async status(token: string, path = '/products'): Promise<number> {
    return (await this.ask('GET', path, token)).status
  }

  async events(type: 'impersonation.started' | 'impersonation.stopped' | 'impersonation.refused') {
    return (await this.service.securityEvents.list({ type, limit: 100 })).data
  }
}

/** Somebody who may act for others, and somebody to act for. */
export async function pair(house: House): Promise<{ admin: Person; bob: Person }> {
  const admin = await house.person('ann', 'users:*', 'roles:*', 'products:*', 'api-keys:manage', 'notes:*')
  return { admin, bob: await house.person('bob', 'products:read', 'notes:*') }
}

export const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString())
