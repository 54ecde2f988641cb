import { announce } from './announce.ts'

/** W1 to W3 by hand on Bun.serve: what the machine can do. */
interface Product {
  readonly name: string
  readonly price: number
  readonly stock: number
  readonly live: boolean
  readonly tags: readonly string[]
}

function isProduct(value: unknown): value is Product {
  if (typeof value !== 'object' || value === null) return false
  const { name, price, stock, live, tags } = value as Record<string, unknown>
  return (
    Object.keys(value).length === 5 &&
    typeof name === 'string' &&
    name.length > 0 &&
    name.length <= 80 &&
    typeof price === 'number' &&
    price >= 0 &&
    Number.isInteger(stock) &&
    typeof live === 'boolean' &&
    Array.isArray(tags) &&
    tags.every((tag) => typeof tag === 'string')
  )
}

function queryValue(url: string, name: string): string {
  const from = url.indexOf(`${name}=`, url.indexOf('?') + 1)
  if (from === -1) return ''
  const until = url.indexOf('&', from)
  return decodeURIComponent(url.slice(from + name.length + 1, until === -1 ? undefined : until))
}

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  routes: {
    '/': { GET: () => new Response('hello') },
    '/users/:id': {
      GET: ({ params, url, headers }) =>
        Response.json(
          { id: params.id, name: queryValue(url, 'name'), tag: headers.get('x-tag') },
          { headers: { 'x-powered-by': 'bench' } },
        ),
    },
    '/products': {
      POST: async (request) => {
        const body: unknown = await request.json()
        return isProduct(body) ? Response.json(body) : Response.json({ error: 'invalid' }, { status: 422 })
      },
    },
  },
})
announce(server.port)
