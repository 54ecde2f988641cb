import { Type } from '@sinclair/typebox'
import { describe, expect, test } from '#test'
import { resource } from '../../../plugins/resources/index.ts'
import { withDatabase } from '../../services.ts'
import { appOf, items } from './app.ts'

const api = () =>
  resource('items', {
    table: items,
    version: 'required',
    bulk: { max: 7 },
    upsert: ['sku', ['shop', 'place']],
    actions: {
      archive: { body: Type.Object({ reason: Type.String() }, { title: 'Archive' }), run: () => {} },
      count: {
        on: 'collection',
        answer: Type.Object({ count: Type.Integer() }, { title: 'Count' }),
        run: () => ({ count: 1 }),
      },
    },
  })
type Named = { readonly name: string; readonly required?: boolean }
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })

describe('the document of a resource', () => {
  test('has every route, with its parameters, headers and answers', () =>
    withDatabase('SQLite in memory', [items], async (db) => {
      const { ask } = appOf(db, [api()])
      const { paths, components } = (await ask('GET', '/openapi/json')).body
      const ids = (path: string) =>
        Object.fromEntries(
          Object.entries(paths[path] as Record<string, { operationId: string }>).map(([method, one]) => [
            method,
            one.operationId,
          ]),
        )
      expect(ids('/items')).toEqual({ get: 'listItems', post: 'createItem', put: 'upsertItem' })
      expect(ids('/items/bulk')).toEqual({ post: 'createItems', patch: 'updateItems', delete: 'deleteItems' })
      expect(ids('/items/deleted')).toEqual({ get: 'listDeletedItems' })
      expect(ids('/items/{id}/restore')).toEqual({ post: 'restoreItem' })
      expect(ids('/items/{id}/purge')).toEqual({ delete: 'purgeItem' })
      expect(ids('/items/{id}/archive')).toEqual({ post: 'archiveItem' })
      expect(ids('/items/count')).toEqual({ post: 'countItems' })

      const one = paths['/items/{id}']
      const header = (operation: { parameters: Named[] }, name: string) =>
        operation.parameters.find((parameter) => parameter.name === name)
      for (const method of ['patch', 'put', 'delete'])
        expect(header(one[method], 'If-Match')).toMatchObject({ in: 'header', required: true })
      expect(header(one.get, 'If-None-Match')).toMatchObject({ in: 'header' })
      expect(Object.keys(one.get.responses)).toEqual(expect.arrayContaining(['200', '304', '404']))
      for (const method of ['patch', 'put'])
        expect(Object.keys(one[method].responses)).toEqual(expect.arrayContaining(['200', '409', '412', '422', '428']))
      for (const response of [one.get.responses[200], one.patch.responses[200], paths['/items'].post.responses[201]])
        expect(Object.keys(response.headers)).toContain('ETag')
      expect(one.patch.responses[428].content['application/problem+json'].schema).toEqual(ref('Problem'))

      expect(Object.keys(one.patch.requestBody.content)).toEqual(['application/json', 'application/merge-patch+json'])
      expect(one.patch.requestBody.content['application/merge-patch+json'].schema).toEqual(ref('ItemUpdate'))

      const { post, patch } = paths['/items/bulk']
      expect(Object.keys(post.responses)).toEqual(expect.arrayContaining(['201', '207', '403', '409', '422']))
      expect(post.requestBody.content['application/json'].schema).toEqual(ref('ItemBulkCreate'))
      expect(components.schemas.ItemBulkCreate.properties.items).toMatchObject({
        minItems: 1,
        maxItems: 7,
        items: { allOf: [ref('ItemCreate')] },
      })
      expect(components.schemas.ItemBulkChange).toMatchObject({
        required: ['id', 'version'],
        additionalProperties: false,
      })
      expect(patch['x-kwik-permissions']).toEqual({ all: ['items:update'] })
      expect(patch.responses[207].content['application/json'].schema).toEqual(ref('ItemOutcomes'))

      const { put } = paths['/items']
      expect(put['x-kwik-permissions']).toEqual({ all: ['items:create', 'items:update'] })
      expect(put.parameters.find((parameter: Named) => parameter.name === 'by')).toMatchObject({
        in: 'query',
        required: true,
        schema: { enum: ['sku', 'shop,place'] },
      })
      expect(Object.keys(put.responses)).toEqual(expect.arrayContaining(['200', '201', '409', '412', '428']))
      expect(paths['/items/{id}/archive'].post).toMatchObject({
        'x-kwik-permissions': { all: ['items:archive'] },
        requestBody: { content: { 'application/json': { schema: ref('Archive') } } },
        responses: { 200: { content: { 'application/json': { schema: ref('Item') } } } },
      })
      expect(paths['/items/count'].post.responses[200].content['application/json'].schema).toEqual(ref('Count'))
      expect(paths['/items/{id}/purge'].delete['x-kwik-permissions']).toEqual({ all: ['items:purge'] })
      expect(paths['/items/deleted'].get['x-kwik-permissions']).toEqual({ all: ['items:restore'] })
    }))
})
