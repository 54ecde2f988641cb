import type { AnyElysia } from 'elysia'
import type { ScenarioUser } from './scenario.types.ts'

/** What a test says of a request beside its path. */
export interface Ask {
  readonly query?: Readonly<Record<string, string | number | boolean | readonly (string | number)[]>>
  readonly headers?: Readonly<Record<string, string>>
}

/** An answer, read to its end. */
export interface Answer<Body> {
  readonly status: number
  readonly headers: Headers
  /** The JSON of the answer, or its text. */
  readonly body: Body
  readonly text: string
}

/** Proves to the app that a request is a user's: the headers to send. */
export type Sign = (user: Pick<ScenarioUser, 'id'>) => Promise<Readonly<Record<string, string>>>

type Loose = ReturnType<typeof JSON.parse>

/** Asks an app in process, as anybody or as a user of the scenario. */
export interface TestClient {
  get<Body = Loose>(path: string, ask?: Ask): Promise<Answer<Body>>
  delete<Body = Loose>(path: string, ask?: Ask): Promise<Answer<Body>>
  head<Body = Loose>(path: string, ask?: Ask): Promise<Answer<Body>>
  post<Body = Loose>(path: string, body?: unknown, ask?: Ask): Promise<Answer<Body>>
  put<Body = Loose>(path: string, body?: unknown, ask?: Ask): Promise<Answer<Body>>
  patch<Body = Loose>(path: string, body?: unknown, ask?: Ask): Promise<Answer<Body>>
  getAs<Body = Loose>(user: ScenarioUser, path: string, ask?: Ask): Promise<Answer<Body>>
  deleteAs<Body = Loose>(user: ScenarioUser, path: string, ask?: Ask): Promise<Answer<Body>>
  headAs<Body = Loose>(user: ScenarioUser, path: string, ask?: Ask): Promise<Answer<Body>>
  postAs<Body = Loose>(user: ScenarioUser, path: string, body?: unknown, ask?: Ask): Promise<Answer<Body>>
  putAs<Body = Loose>(user: ScenarioUser, path: string, body?: unknown, ask?: Ask): Promise<Answer<Body>>
  patchAs<Body = Loose>(user: ScenarioUser, path: string, body?: unknown, ask?: Ask): Promise<Answer<Body>>
}

/** A client that calls the app directly, without a socket. The host is long: Elysia misses the path behind a short one. */
export function testClient(app: AnyElysia, sign: Sign): TestClient {
  const ask = async (
    method: string,
    user: ScenarioUser | undefined,
    path: string,
    body: unknown,
    more: Ask = {},
  ): Promise<Answer<Loose>> => {
    const raw = typeof body === 'string' || body instanceof FormData || body instanceof Uint8Array
    const headers = new Headers(user ? { ...(await sign(user)) } : {})
    if (body !== undefined && !raw) headers.set('content-type', 'application/json')
    for (const [name, value] of Object.entries(more.headers ?? {})) headers.set(name, value)
    const text = body === undefined || raw ? (body as string | undefined) : JSON.stringify(body)
    const request = new Request(`http://localhost${path}${queryOf(path, more.query)}`, {
      method,
      headers,
      body: text ?? null,
    })
    return read(await app.handle(request))
  }
  const without = (method: string) => (path: string, more?: Ask) => ask(method, undefined, path, undefined, more)
  const withBody = (method: string) => (path: string, body?: unknown, more?: Ask) =>
    ask(method, undefined, path, body, more)
  const asWithout = (method: string) => (user: ScenarioUser, path: string, more?: Ask) =>
    ask(method, user, path, undefined, more)
  const asWithBody = (method: string) => (user: ScenarioUser, path: string, body?: unknown, more?: Ask) =>
    ask(method, user, path, body, more)
  return {
    get: without('GET'),
    delete: without('DELETE'),
    head: without('HEAD'),
    post: withBody('POST'),
    put: withBody('PUT'),
    patch: withBody('PATCH'),
    getAs: asWithout('GET'),
    deleteAs: asWithout('DELETE'),
    headAs: asWithout('HEAD'),
    postAs: asWithBody('POST'),
    putAs: asWithBody('PUT'),
    patchAs: asWithBody('PATCH'),
  }
}

function queryOf(path: string, query: Ask['query']): string {
  if (!query) return ''
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) for (const one of [value].flat()) search.append(name, String(one))
  return `${path.includes('?') ? '&' : '?'}${search}`
}

async function read(response: Response): Promise<Answer<Loose>> {
  const text = await response.text()
  const json = response.headers.get('content-type')?.includes('json') && text !== ''
  return { status: response.status, headers: response.headers, text, body: json ? JSON.parse(text) : text }
}
