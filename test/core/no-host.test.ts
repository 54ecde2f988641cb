import { connect } from 'node:net'
import { Elysia } from 'elysia'
import { core } from '#core/access'
import { expect, test } from '#test'

/** Elsewhere another adapter listens. */
const onBun = test.skipIf(!('Bun' in globalThis))

onBun('a request of HTTP/1.0 that names no host reaches the path it asks for, and no other', async () => {
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
    expect(await ask('/')).toMatch(/root$/)
    expect(await ask('/admin')).toMatch(/admin$/)
    expect(await ask('/a/1?q=2')).toMatch(/a 1 2$/)
    expect(await ask('/public/admin')).toMatch(/^HTTP\/1\.1 404/)
    expect(await ask('/x/y/z/long/admin')).toMatch(/^HTTP\/1\.1 404/)
  } finally {
    await app.stop(true)
  }
})
