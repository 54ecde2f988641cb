import type { Clock } from '#core/ports/clock'
import type { Database, Values } from '#core/ports/database'
import type { SessionInfo } from '#core/ports/sessions'
import { type Moments, momentsOf } from './moments.ts'

/** A session as its row says it, and when that was read: all times are milliseconds by the same clock. */
export interface SessionRow {
  readonly id: string
  readonly userId: string
  readonly tokenVersion: number
  readonly generation: number
  readonly rotatedAt: number
  readonly salt: string
  readonly idleExpiresAt: number
  readonly revoked: boolean
  readonly tenant: string | null
  readonly actor: { readonly id: string; readonly tokenVersion: number; readonly sessionId: string | null } | null
  readonly readAt: number
}

export interface NewSession {
  readonly id: string
  readonly userId: string
  readonly tokenVersion: number
  readonly salt: string
  /** Milliseconds. */
  readonly idle: number
  readonly absolute: number
  readonly address: string | null
  readonly userAgent: string | null
  readonly tenant: string | null
  readonly actor: { readonly id: string; readonly tokenVersion: number; readonly sessionId: string | null } | null
  readonly reason: string | null
}

/** Rows that are removed at a time: a sign-in must not wait for a clean-up of years. */
const mostRemoved = 100
/** Sessions that somebody is shown. */
const mostShown = 200

/** The statements of sessions. Their texts are few, so that they stay prepared. */
export class SessionStore {
  readonly #database: Database
  readonly #moments: Moments

  constructor(database: Database, clock: Clock | undefined) {
    this.#database = database
    this.#moments = momentsOf(database, clock)
  }

  async insert(given: NewSession): Promise<{ readonly now: number }> {
    const { now, after, earlier, ms } = this.#moments
    const at = now()
    const absolute = after(at, given.absolute)
    const [row] = await this.#values(
      `insert into sessions (id, user_id, token_version, generation, rotated_at, salt, created_at, last_used_at,
        idle_expires_at, absolute_expires_at, address, user_agent, tenant, actor_id, actor_token_version, actor_session_id, reason)
      values (?, ?, ?, 1, ${at}, ?, ${at}, ${at}, ${earlier(after(at, given.idle), absolute)}, ${absolute}, ?, ?, ?, ?, ?, ?, ?)
      returning ${ms('created_at')}`,
      [
        given.id,
        given.userId,
        given.tokenVersion,
        given.salt,
        given.address,
        given.userAgent,
        given.tenant,
        given.actor?.id ?? null,
        given.actor?.tokenVersion ?? null,
        given.actor?.sessionId ?? null,
        given.reason,
      ],
    )
    return { now: Number(row![0]) }
  }

  async find(id: string): Promise<SessionRow | undefined> {
    const [row] = await this.#values(`select ${this.#columns()} from sessions where id = ?`, [id])
    return row && rowOf(row)
  }

  /** Steps to the next generation, in one statement: of many who ask with one token, one gets it. */
  async rotate(id: string, generation: number, idle: number): Promise<SessionRow | undefined> {
    const { now, after, earlier } = this.#moments
    const at = now()
    const [row] = await this.#values(
      `update sessions set generation = generation + 1, rotated_at = ${at}, last_used_at = ${at},
        idle_expires_at = ${earlier(after(at, idle), 'absolute_expires_at')}
      where id = ? and generation = ? and revoked_at is null and idle_expires_at > ${at} and actor_id is null
      returning ${this.#columns()}`,
      [id, generation],
    )
    return row && rowOf(row)
  }

  /** @returns whom it belonged to, where it was not over before */
  async revoke(id: string): Promise<string | undefined> {
    const [row] = await this.#values(
      `update sessions set revoked_at = ${this.#moments.now()} where id = ? and revoked_at is null returning user_id`,
      [id],
    )
    return row && String(row[0])
  }

  async revokeAll(userId: string, except: string | undefined): Promise<string[]> {
    const rows = await this.#values(
      `update sessions set revoked_at = ${this.#moments.now()}
      where user_id = ? and revoked_at is null${except === undefined ? '' : ' and id <> ?'} returning id`,
      except === undefined ? [userId] : [userId, except],
    )
    return rows.map(([id]) => String(id))
  }

  async keep(id: string, userId: string, tokenVersion: number): Promise<void> {
    await this.#values('update sessions set token_version = ? where id = ? and user_id = ?', [tokenVersion, id, userId])
  }

  async list(userId: string): Promise<SessionInfo[]> {
    const { now, ms } = this.#moments
    const rows = await this.#values(
      `select id, user_id, ${['created_at', 'last_used_at', 'idle_expires_at'].map(ms).join(', ')}, address, user_agent, actor_id
      from sessions where user_id = ? and revoked_at is null and idle_expires_at > ${now()}
      order by id desc limit ${mostShown}`,
      [userId],
    )
    return rows.map(([id, owner, createdAt, lastUsedAt, expiresAt, address, userAgent, actorId]) => ({
      id: String(id),
      userId: String(owner),
      createdAt: Number(createdAt),
      lastUsedAt: Number(lastUsedAt),
      expiresAt: Number(expiresAt),
      address: textOf(address),
      userAgent: textOf(userAgent),
      actorId: textOf(actorId),
    }))
  }

  /** Removes some rows that have been over for long. */
  async removeExpired(): Promise<void> {
    const at = this.#moments.now()
    // Two who sign in at once remove others, and do not wait for each other.
    const lock = this.#database.dialect === 'postgresql' ? ' for update skip locked' : ''
    for (const [table, key, column] of [
      ['sessions', 'id', 'idle_expires_at'],
      ['revoked_tokens', 'jti', 'expires_at'],
    ])
      await this.#values(
        `delete from ${table} where ${key} in (select ${key} from ${table} where ${column} < ${at} limit ${mostRemoved}${lock})`,
        [],
      )
  }

  /** @param ms for how long, from now on */
  async blacklist(jti: string, ms: number): Promise<void> {
    const { now, after } = this.#moments
    await this.#values(
      `insert into revoked_tokens (jti, expires_at) values (?, ${after(now(), ms)})
      on conflict (jti) do update set expires_at = excluded.expires_at`,
      [jti],
    )
  }

  async blacklisted(): Promise<ReadonlySet<string>> {
    const rows = await this.#values(`select jti from revoked_tokens where expires_at > ${this.#moments.now()}`, [])
    return new Set(rows.map(([jti]) => String(jti)))
  }

  #columns(): string {
    const { now, ms } = this.#moments
    return `id, user_id, token_version, generation, ${ms('rotated_at')}, salt, ${ms('idle_expires_at')}, revoked_at is not null,
      tenant, actor_id, actor_token_version, actor_session_id, ${ms(now())}`
  }

  async #values(text: string, parameters: readonly unknown[]): Promise<Values[]> {
    const { dialect } = this.#database
    let at = 0
    const own = dialect === 'sqlite' ? text : text.replace(/\?/g, () => `$${++at}`)
    try {
      return await this.#database.values(own, parameters)
    } catch (error) {
      throw tableMissing(error) ?? error
    }
  }
}

/** An app that had accounts before sessions: it needs a migration, and should not have to guess so. Without the cause, which logs show in its place. */
function tableMissing(error: unknown): Error | undefined {
  for (let at = error; at instanceof Error; at = at.cause as Error) {
    const table = /no such table: (?:\w+\.)?(\w+)|relation "(\w+)" does not exist/.exec(at.message)
    if (table)
      return new Error(
        `the table ${table[1] ?? table[2]} is missing: add tokenTables to the app's tables and run kwik db make && kwik db migrate, or say kwik({ tokens: { sessions: false } })`,
      )
  }
  return undefined
}

const textOf = (value: unknown): string | null => (value === null ? null : String(value))

function rowOf(row: Values): SessionRow {
  const [
    id,
    userId,
    version,
    generation,
    rotatedAt,
    salt,
    idle,
    revoked,
    tenant,
    actor,
    actorVersion,
    actorSession,
    at,
  ] = row
  return {
    id: String(id),
    userId: String(userId),
    tokenVersion: Number(version),
    generation: Number(generation),
    rotatedAt: Number(rotatedAt),
    salt: String(salt),
    idleExpiresAt: Number(idle),
    revoked: revoked === true || revoked === 1,
    tenant: textOf(tenant),
    actor:
      actor === null
        ? null
        : { id: String(actor), tokenVersion: Number(actorVersion), sessionId: textOf(actorSession) },
    readAt: Number(at),
  }
}
