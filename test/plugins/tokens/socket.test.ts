import { connect } from 'node:net'
import { Elysia } from 'elysia'
import { core } from '#core/access'
import { expect, test } from '#test'
import { tokenService, tokens } from '../../../plugins/tokens/index.ts'
import { People, secret } from './forge.ts'

test('two Authorization headers on a socket never let anybody in', async () => {
  const { token } = await tokenService({ secret }).issue({ id: 'ann', tokenVersion: 1 })
  const serving = new Elysia()
    .use(core({ signals: false }))
    .use(tokens({ secret, principals: new People().add('ann') }))
    .get('/me', ({ user }) => user.id, { auth: true })
    .listen({ port: 0, hostname: '127.0.0.1' })
  const lines = [
    'GET /me HTTP/1.1',
    'host: 127.0.0.1',
    `authorization: Bearer ${token}`,
    'authorization: Bearer a.b.c',
    'connection: close',
  ]
  const socket = connect(serving.server!.port!, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`))
  let text = ''
  for await (const part of socket) text += part
  expect(text).toMatch(/^HTTP\/1\.1 40[01]/)
  await serving.stop(true)
})
