import { connect } from 'node:net'
import { Elysia } from 'elysia'
import { core } from '#core/access'
import { expect, test } from '#test'

test('a request of HTTP/1.0 that names no host reaches the path it asks for, and no other', async () => {
  const app = new Elysia()
    .use(core({ signals: false }))
    .get('/', () => 'root', { public: true })
    .get('/admin', () => 'admin', { public: true })
    .get('/a/:id', ({ params, query }) => `a ${params.id} ${query['q']}`, { public: true })
    .listen({ port: 0, hostname: '127.0.0.1' })
  const ask = (path: string) =>
    new Promise<string>((settle) => {
      const socket = connect({ port: app.server!.port!, host: '127.0.0.1' }, () =>
        socket.write(`GET ${path} HTTP/1.0\r\n\r\n`),
      )
      socket.once('data', (data) => {
        socket.destroy()
        settle(String(data))
      })
    })
  try {
    expect(await ask('/').endsWith('root')).toBe(true)
    expect(await ask('/admin').endsWith('admin')).toBe(true)
    expect(await ask('/a/1?q=2').endsWith('a 1 2')).toBe(true)
    expect(await ask('/public/admin').startsWith('HTTP/1.1 404')).toBe(true)
    expect(await ask('/x/y/z/long/admin').startsWith('HTTP/1.1 404')).toBe(true)
  } finally {
    await app.stop(true)
  }
})
