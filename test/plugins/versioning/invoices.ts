import { type AnyElysia, t } from 'elysia'
import { kwik } from 'kwik'
import { change, type Release, type VersionsOptions, versions } from 'kwik/versioning'

/** As it is now, in version 3. */
export const Invoice = t.Object(
  {
    id: t.Integer(),
    createdAt: t.String(),
    note: t.Optional(t.Union([t.String(), t.Null()])),
  },
  { title: 'Invoice' },
)
export const User = t.Object(
  { id: t.Integer(), address: t.Union([t.String({ minLength: 1 }), t.Null()]) },
  { title: 'User' },
)

export const createdAt = change('Invoices expose createdAt instead of creationDate', (c) => [
  c.schema(Invoice).rename('creationDate', 'createdAt'),
])
export const oneAddress = change('Users have one address', (c) => [
  c
    .schema(User)
    .field('addresses')
    .existedAs(t.Array(t.String({ minLength: 1 }))),
  c.schema(User).field('address').didntExist(),
  c.up(User, ({ addresses, ...rest }: { addresses: string[] }) => ({ ...rest, address: addresses[0] ?? null })),
  c.down(
    User,
    ({ address, ...rest }: { address: string | null }) => ({ ...rest, addresses: address === null ? [] : [address] }),
    { lossy: true },
  ),
])

export const clockAt = (start: string) => {
  let at = Date.parse(start)
  return { now: () => at, set: (moment: string) => void (at = Date.parse(moment)) }
}

export const list: readonly Release<'1' | '2' | '3'>[] = [
  { v: '3', released: '2026-09-01', changes: [oneAddress] },
  { v: '2', released: '2026-01-10', changes: [createdAt] },
  { v: '1', released: '2025-05-01' },
]

export const made = (more: Partial<VersionsOptions<'1' | '2' | '3'>> = {}) =>
  versions({ vendor: 'kwik', default: '2', list, clock: clockAt('2026-10-01'), ...more })

export const platformOf = (api = made(), write: (line: string) => void = () => {}) =>
  kwik({ versions: api, logging: { write }, signals: false })

/** What an app answered, read to its end. */
export interface Told {
  readonly status: number
  readonly headers: Headers
  readonly body: ReturnType<typeof JSON.parse>
}

/** Asks in process. `accept` may be a version's number. */
export async function ask(
  app: AnyElysia,
  route: string,
  accept?: string | null,
  body?: unknown,
  headers: object = {},
): Promise<Told> {
  const [method = 'GET', path = '/'] = route.split(' ')
  const type = accept && /^\d+$/.test(accept) ? `application/vnd.kwik.v${accept}+json` : accept
  const response = await app.handle(
    new Request(`http://localhost${path}`, {
      method,
      headers: {
        ...(type !== undefined && type !== null && { accept: type }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
    }),
  )
  const text = await response.text()
  const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '')
  return { status: response.status, headers: response.headers, body: isJson && text !== '' ? JSON.parse(text) : text }
}
