import { Elysia } from 'elysia'
import { core } from '#core/access'
import { expect, test } from '#test'
import { own, permissions } from '../../../plugins/permissions/index.ts'
import { callers } from './app.ts'

test('own() keeps a WebSocket from opening: 401, 403, 404, and opens it for its owner', async () => {
  const app = new Elysia()
    .use(core({ signals: false }))
    .use(callers)
    .use(permissions({ declared: ['rooms:join', 'rooms:join:own'] }))
    .ws('/rooms/:id', {
      permission: own('rooms:join', ({ params }) => Promise.resolve(params['id'])),
      open: (socket) => void socket.send('welcome'),
    })
    .listen({ port: 0, hostname: '127.0.0.1' })
  const at = `127.0.0.1:${app.server!.port}`
  const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' }
  const statusOf = async (path: string, holds?: string) => {
    const headers = {
      ...upgrade,
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...(holds !== undefined && { 'x-holds': holds }),
    }
    return (await fetch(`http://${at}${path}`, { headers })).status
  }
  try {
    expect(await statusOf('/rooms/ann')).toBe(401)
    expect(await statusOf('/rooms/ann', 'rooms:leave')).toBe(403)
    expect(await statusOf('/rooms/bob', 'rooms:join:own')).toBe(404)
    const socket = new WebSocket(`ws://${at}/rooms/ann`, { headers: { 'x-holds': 'rooms:join:own' } } as never)
    const first = await new Promise((done, fail) => {
      socket.onmessage = ({ data }) => done(data)
      socket.onerror = fail
    })
    expect(first).toBe('welcome')
    socket.close()
  } finally {
    await app.stop(true)
  }
})
