import { defineTable } from '#core/table/define'
import { describe, expect } from '#test'
import { resource } from '../../../plugins/resources/index.ts'
import { one, shape } from '../../../plugins/shaping/index.ts'
import { both } from '../../services.ts'
import { appOf } from './app.ts'

const projects = defineTable('projects', (t) => ({
  id: t.id(),
  owner: t.string(40),
  name: t.string(),
  ...t.softDelete(),
}))
const items = defineTable('items', (t) => ({
  id: t.id(),
  sku: t.string(40).unique(),
  projectId: t.ref(() => projects).nullable(),
}))
const projectList = shape(projects, { scope: ({ user }) => ({ owner: user?.id ?? '' }) })
const make = () => [
  resource('things', { table: projects, list: projectList, fields: { owner: { write: false } } }),
  resource('items', {
    table: items,
    list: { relations: { project: one(projectList, 'projectId') } },
    bulk: { max: 10 },
    upsert: ['sku'],
  }),
]
const nothing = { code: 'KWIK_DATABASE_REFERENCE', errors: [{ code: 'not-found', pointer: '/projectId' }] }

describe('a reference to a row that the caller cannot see', () => {
  both('is as one to a row that is not there, in every way to write', [projects, items], async (db) => {
    const { ask } = appOf(db, make())
    const own = (await ask('POST', '/things', { name: 'mine' })).body.id as string
    const foreign = (await ask('POST', '/things', { name: 'his' }, 'bob')).body.id as string
    const { body } = await ask('POST', '/items', { sku: 'a', projectId: own.toUpperCase() })
    expect(body.projectId).toBe(own)
    for (const projectId of [foreign, '018f3c1e-7c1a-7b7b-9b1b-2b2b2b2b2b2b']) {
      const calls = [
        ['POST', '/items', { sku: 'b', projectId }],
        ['PATCH', `/items/${body.id}`, { projectId }],
        ['PUT', `/items/${body.id}`, { sku: 'a', projectId }],
        ['PUT', '/items?by=sku', { sku: 'a', projectId }],
        ['PUT', '/items?by=sku', { sku: 'c', projectId }],
      ] as const
      for (const [method, path, sent] of calls) {
        const { status, body } = await ask(method, path, sent)
        expect({ method, path, status, body }).toMatchObject({ method, path, status: 422, body: nothing })
      }
      const many = await ask('POST', '/items/bulk', {
        items: [
          { sku: 'x', projectId: own },
          { sku: 'y', projectId },
        ],
      })
      expect(many).toMatchObject({
        status: 422,
        body: { errors: [{ code: 'not-found', pointer: '/items/1/projectId' }] },
      })
    }
    expect((await ask('GET', '/items')).body.data).toHaveLength(1)
    expect((await ask('PATCH', `/items/${body.id}`, { projectId: null })).status).toBe(200)
    expect((await ask('PATCH', `/items/${body.id}`, { projectId: foreign }, 'bob')).status).toBe(200)
  })

  both('or that was deleted: what points there already stays, and may be changed', [projects, items], async (db) => {
    const { ask } = appOf(db, make())
    const own = (await ask('POST', '/things', { name: 'mine' })).body.id as string
    const { body } = await ask('POST', '/items', { sku: 'a', projectId: own })
    expect((await ask('DELETE', `/things/${own}`)).status).toBe(204)
    expect((await ask('PATCH', `/items/${body.id}`, { sku: 'b' })).body).toMatchObject({ sku: 'b', projectId: own })
    expect((await ask('POST', '/items', { sku: 'c', projectId: own })).body).toMatchObject(nothing)
  })
})
