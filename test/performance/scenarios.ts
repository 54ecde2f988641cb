/** One kind of request. */
export interface Scenario {
  readonly name: string
  readonly what: string
  readonly method: 'GET' | 'POST'
  /** Asked for in turn. */
  readonly paths: readonly string[]
  /** Pages behind each path that are asked for too: the server's own links lead there. */
  readonly pages?: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** The servers that answer it, by the name of their file; the first is the one the others are compared with. */
  readonly servers: readonly string[]
}

const product = { name: 'Tea pot', price: 12.5, stock: 4, live: true, tags: ['kitchen', 'new'] }
const plain = ['raw', 'elysia', 'core', 'kwik'] as const

export const scenarios: readonly Scenario[] = [
  { name: 'W1', what: 'GET / text', method: 'GET', paths: ['/'], headers: {}, servers: plain },
  {
    name: 'W2',
    what: 'path, query and header',
    method: 'GET',
    paths: ['/users/42?name=ada'],
    headers: { 'x-tag': 'bench' },
    servers: plain,
  },
  {
    name: 'W3',
    what: 'POST of 5 validated fields',
    method: 'POST',
    paths: ['/products'],
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(product),
    servers: plain,
  },
  {
    name: 'W4',
    what: 'production route: token, permission, limit, headers, log line, page of 20 from 100,000 rows',
    method: 'GET',
    paths: [
      '/products?status=live&price[gte]=10&sort=-createdAt&limit=20',
      '/products?status=draft&price[gte]=250.50&sort=-createdAt&limit=20',
    ],
    pages: 20,
    headers: {},
    servers: ['w4-reference', 'w4-kwik'],
  },
  {
    name: 'W5',
    what: 'cached route, a body of 2 KB',
    method: 'GET',
    paths: ['/products/42'],
    headers: {},
    servers: ['w5-raw', 'w5-memory', 'w5-redis'],
  },
  {
    name: 'observe',
    what: 'path, query and header, watched more or less',
    method: 'GET',
    paths: ['/users/42?name=ada'],
    headers: { 'x-tag': 'bench' },
    servers: ['observe-bare', 'observe-off', 'observe-log', 'observe-unsampled', 'observe-spans', 'observe-all'],
  },
]
