import { Database } from 'bun:sqlite'
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto'
import { writeSync } from 'node:fs'
import { jwtVerify } from 'jose'
import { deriveKey } from 'kwik/tokens'
import { person } from '../seed.ts'
import { announce } from './announce.ts'

/**
 * W4 by hand: what somebody writes who knows Bun and needs this one route. It answers what Kwik's route answers, with the
 * same headers and the same log line, from prepared statements, and remembers the tokens it has verified.
 */
const db = new Database(process.env['BENCH_DATABASE']!, { readonly: true })
// As much as Kwik's connections keep.
db.run('pragma cache_size = -32768')
const secret = Buffer.from(process.env['BENCH_SECRET']!)
const columns = 'id, name, price, status, stock, created_at'
const end = 'order by created_at desc, id desc limit ?'
const firstPage = db.query(`select ${columns} from products where status = ? and price >= ? ${end}`)
const laterPage = db.query(
  `select ${columns} from products where status = ? and price >= ? and (created_at, id) < (?, ?) ${end}`,
)
type Row = [id: string, name: string, price: number, status: string, stock: number, createdAt: number]

const securityHeaders = {
  'content-type': 'application/json;charset=utf-8',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'cache-control': 'no-store',
}

class Refused extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

interface Claims {
  readonly sub: string
  readonly exp: number
}
// Derived as Kwik derives it, so that one token opens both servers.
const accessKey = deriveKey(process.env['BENCH_SECRET']!, 'access')
const granted = new Map([[person.id, new Set(['products:read'])]])
const verified = new Map<string, Claims>()

/** Waits only for a token that is new. */
function callerOf(header: string | null, now: number): Claims | Promise<Claims> {
  if (!header?.startsWith('Bearer ')) throw new Refused(401, 'no token')
  const token = header.slice(7)
  const known = verified.get(token)
  if (known === undefined) return verify(token)
  if (known.exp * 1000 <= now) throw new Refused(401, 'expired')
  return known
}

async function verify(token: string): Promise<Claims> {
  const { payload } = await jwtVerify(token, accessKey, {
    algorithms: ['HS256'],
    typ: 'at+jwt',
    issuer: 'kwik',
    audience: 'kwik',
  })
  const claims = { sub: payload.sub!, exp: payload.exp! }
  verified.set(token, claims)
  return claims
}

const limit = 10_000_000
const buckets = new Map<string, { until: number; used: number }>()

/** @returns what is left */
function take(user: string, now: number): number {
  let bucket = buckets.get(user)
  if (bucket === undefined || bucket.until <= now) {
    bucket = { until: now + 60_000, used: 0 }
    buckets.set(user, bucket)
  }
  bucket.used++
  if (bucket.used > limit) throw new Refused(429, 'too many')
  return limit - bucket.used
}

const mac = (text: string): Buffer => createHmac('sha256', secret).update(text).digest().subarray(0, 16)

function cursorOf(filters: string, [id, , , , , createdAt]: Row): string {
  const text = `k1.${Buffer.from(JSON.stringify({ f: filters, k: [String(createdAt), id] })).toString('base64url')}`
  return `${text}.${mac(text).toString('base64url')}`
}

function readCursor(cursor: string, filters: string): [createdAt: number, id: string] {
  const at = cursor.lastIndexOf('.')
  const given = Buffer.from(cursor.slice(at + 1), 'base64url')
  const text = cursor.slice(0, at)
  if (given.length !== 16 || !timingSafeEqual(given, mac(text))) throw new Refused(400, 'invalid cursor')
  const { f, k } = JSON.parse(Buffer.from(text.slice(3), 'base64url').toString()) as { f: string; k: [string, string] }
  if (f !== filters) throw new Refused(400, 'cursor of other filters')
  return [Number(k[0]), k[1]]
}

interface Asked {
  status: string
  least: number
  limit: number
  after: string | undefined
  kept: string
}

function readQuery(search: string): Asked {
  const asked: Asked = { status: '', least: 0, limit: 20, after: undefined, kept: '' }
  for (const part of search.split('&')) {
    const at = part.indexOf('=')
    const name = decodeURIComponent(part.slice(0, at))
    const value = decodeURIComponent(part.slice(at + 1))
    if (name !== 'after') asked.kept += `${asked.kept === '' ? '' : '&'}${part}`
    switch (name) {
      case 'status':
        if (value !== 'draft' && value !== 'live') throw new Refused(400, 'no such status')
        asked.status = value
        break
      case 'price[gte]':
        if (!/^\d{1,8}(\.\d{1,2})?$/.test(value)) throw new Refused(400, 'no price')
        asked.least = Math.round(Number(value) * 100)
        break
      case 'sort':
        if (value !== '-createdAt') throw new Refused(400, 'no such order')
        break
      case 'limit':
        if (!/^[1-9]\d{0,2}$/.test(value)) throw new Refused(400, 'no limit')
        asked.limit = Math.min(Number(value), 100)
        break
      case 'after':
        asked.after = value
        break
      default:
        throw new Refused(400, `unknown parameter ${name}`)
    }
  }
  return asked
}

const decimal = (scaled: number): string => (scaled / 100).toFixed(2)

function answer(url: string, user: string, id: string, now: number): Response {
  const left = take(user, now)
  if (!granted.get(user)?.has('products:read')) throw new Refused(403, 'not allowed')
  const asked = readQuery(url.slice(url.indexOf('?') + 1))
  const filters = `${asked.status} ${asked.least}`
  const rows = (
    asked.after === undefined
      ? firstPage.values(asked.status, asked.least, asked.limit + 1)
      : laterPage.values(asked.status, asked.least, ...readCursor(asked.after, filters), asked.limit + 1)
  ) as Row[]
  const full = rows.length > asked.limit
  if (full) rows.length = asked.limit
  const next = full ? cursorOf(filters, rows.at(-1)!) : undefined
  const prev = asked.after !== undefined && rows.length > 0 ? cursorOf(filters, rows[0]!) : undefined
  const base = `/products?${asked.kept}`
  const links = [`<${base}>; rel="first"`]
  if (prev !== undefined) links.push(`<${base}&before=${prev}>; rel="prev"`)
  if (next !== undefined) links.push(`<${base}&after=${next}>; rel="next"`)
  links.push(`<${base}&before=end>; rel="last"`)
  const body = {
    data: rows.map(([id, name, price, status, stock, createdAt]) => ({
      id,
      name,
      price: decimal(price),
      status,
      stock,
      createdAt: new Date(createdAt).toISOString(),
    })),
    page: { limit: asked.limit, ...(next && { next }), ...(prev && { prev }), hasMore: full },
  }
  return new Response(JSON.stringify(body), {
    headers: {
      ...securityHeaders,
      link: links.join(', '),
      'x-request-id': id,
      'ratelimit-policy': `"default";q=${limit};w=60`,
      ratelimit: `"default";r=${left};t=1`,
    },
  })
}

function refusalOf(error: unknown, id: string): Response {
  const status = error instanceof Refused ? error.status : 500
  return Response.json({ status, title: 'refused' }, { status, headers: { ...securityHeaders, 'x-request-id': id } })
}

let lines = ''
function log(id: string, status: number, from: number, user: string | undefined, address: string | undefined): void {
  const ms = Math.round((performance.now() - from) * 1000) / 1000
  lines += `{"time":"${new Date().toISOString()}","level":"info","logger":"kwik.access","requestId":"${id}","method":"GET","route":"/products","status":${status},"duration":${ms},"userId":"${user}","address":"${address}"}\n`
  if (lines.length < 16_384) return
  writeSync(1, lines)
  lines = ''
}

const idForm = /^[A-Za-z0-9._-]{1,128}$/
const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  routes: {
    '/products': {
      GET: (request, server) => {
        const from = performance.now()
        const now = Date.now()
        const { headers, url } = request
        const sent = headers.get('x-request-id')
        const id = sent !== null && idForm.test(sent) ? sent : randomUUID()
        const address = server.requestIP(request)?.address
        const finish = (user: string | undefined, make: () => Response): Response => {
          let response: Response
          try {
            response = make()
          } catch (error) {
            response = refusalOf(error, id)
          }
          log(id, response.status, from, user, address)
          return response
        }
        try {
          const caller = callerOf(headers.get('authorization'), now)
          if (!(caller instanceof Promise)) return finish(caller.sub, () => answer(url, caller.sub, id, now))
          return caller.then(
            ({ sub }) => finish(sub, () => answer(url, sub, id, now)),
            (error) => finish(undefined, () => refusalOf(error, id)),
          )
        } catch (error) {
          return finish(undefined, () => refusalOf(error, id))
        }
      },
    },
  },
})
announce(server.port)
