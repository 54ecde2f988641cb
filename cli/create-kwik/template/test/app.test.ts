import { expect } from 'bun:test'
import demo from '../src/scenarios/demo.ts'
import { test } from './kwik.ts'

test('the app is alive and documented', async ({ client }) => {
  expect((await client.get('/health/live')).status).toBe(200)
  expect((await client.get('/openapi/json')).body.openapi).toStartWith('3.')
})

test('staff of the demo see the users and make none', async ({ client }) => {
  const { users } = await demo()
  const { status, body } = await client.getAs(users.ann, '/users')
  expect(status).toBe(200)
  expect(body.data).toHaveLength(1)
  expect(
    (await client.postAs(users.ann, '/users', { email: 'bob@example.com', password: 'a long password' })).status,
  ).toBe(403)
  expect((await client.get('/users')).status).toBe(401)
})
