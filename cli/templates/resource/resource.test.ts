import { expect } from 'bun:test'
import type { Answer } from 'kwik/testing'
import { Scenario } from '../../src/scenarios/index.ts'
import { test } from '../kwik.ts'

// kwik:world
const world = () => Scenario().withUser('alice', { admin: true }).build()
// kwik:end
type World = Awaited<ReturnType<typeof world>>

/** A body that is right, different for each `n` from 1 to 9. */
const bodyOf = (n: number, s: World) => ({
  // kwik:body
  name: `Name ${n}`,
  price: `${n}.95`,
  // kwik:end
})
type Body = ReturnType<typeof bodyOf>

/** What an answer shows of it. */
// kwik:answer
const answerTo = (body: Body) => body
// kwik:end

test('«a product» is made, read, changed, replaced and deleted', async ({ client }) => {
  const s = await world()
  const made = await client.postAs(s.users.alice, '/products', bodyOf(1, s))
  expect(made.status).toBe(201)
  expect(made.body).toMatchObject({ ...answerTo(bodyOf(1, s)), createdBy: s.users.alice.id })

  const path = `/products/${made.body.id}`
  const read = await client.getAs(s.users.alice, path)
  expect(read.body).toEqual(made.body)
  const changed = await client.patchAs(s.users.alice, path, bodyOf(2, s))
  expect(changed.body).toMatchObject(answerTo(bodyOf(2, s)))
  const replaced = await client.putAs(s.users.alice, path, bodyOf(3, s))
  expect(replaced.body).toMatchObject(answerTo(bodyOf(3, s)))
  expect((await client.deleteAs(s.users.alice, path)).status).toBe(204)
  expect((await client.getAs(s.users.alice, path)).status).toBe(404)
})

interface List {
  data: { id: string }[]
  page: { next?: string }
}

test('the list of «products» is paged to its end', async ({ client }) => {
  const s = await world()
  for (const n of [1, 2, 3, 4, 5]) await client.postAs(s.users.alice, '/products', bodyOf(n, s))
  const seen = new Set<string>()
  let path: string | undefined = '/products?limit=2'
  while (path !== undefined) {
    const { status, body }: Answer<List> = await client.getAs(s.users.alice, path)
    expect(status).toBe(200)
    for (const { id } of body.data) seen.add(id)
    path = body.page.next && `/products?limit=2&after=${encodeURIComponent(body.page.next)}`
  }
  expect(seen.size).toBe(5)
})

test('«products» are for those who may', async ({ client }) => {
  const s = await Scenario().withUser('bob').build()
  expect((await client.get('/products')).status).toBe(401)
  expect((await client.getAs(s.users.bob, '/products')).status).toBe(403)
})

test('a body that does not fit is refused, naming the field', async ({ client }) => {
  const s = await world()
  // kwik:unfit
  const { name: _, ...unfit } = bodyOf(1, s)
  const pointer = '/name'
  // kwik:end
  const { status, body } = await client.postAs(s.users.alice, '/products', unfit)
  expect(status).toBe(422)
  expect(body.errors).toContainEqual(expect.objectContaining({ pointer }))
})
// kwik:taken
// kwik:end
