import { describe, expect, test } from '#test'
import { resource } from '../../../plugins/resources/index.ts'
import { both } from '../../services.ts'
import { appOf, items, shops } from './app.ts'

const match = (tags: string) => ({ 'if-match': tags })
const row = { sku: 'a', name: 'Pen' }

describe('the version of a row', () => {
  both('is its ETag, grows by one with each change, and answers 304', [items], async (db) => {
    const { ask } = appOf(db, [resource('items', { table: items })])
    const made = await ask('POST', '/items', row)
    expect([made.status, made.headers.get('etag'), made.body.version]).toEqual([201, '"1"', 1])
    const path = `/items/${made.body.id}`
    expect((await ask('GET', path)).headers.get('etag')).toBe('"1"')
    const patched = await ask('PATCH', path, { name: 'b' })
    expect([patched.headers.get('etag'), patched.body.version]).toEqual(['"2"', 2])
    expect((await ask('PUT', path, { ...row, stock: 1 })).headers.get('etag')).toBe('"3"')
    for (const known of ['"3"', 'W/"3"', '"1", "3"', '"1" ,W/"3"', '*']) {
      const same = await ask('GET', path, undefined, 'alice', { 'if-none-match': known })
      expect([known, same.status, same.headers.get('etag'), same.body]).toEqual([known, 304, '"3"', undefined])
    }
    for (const other of ['"2"', 'W/"2"', '"33"'])
      expect((await ask('GET', path, undefined, 'alice', { 'if-none-match': other })).status).toBe(200)
  })

  both('is what If-Match asks for: stale is 412, and nothing is written', [items], async (db) => {
    const { ask } = appOf(db, [resource('items', { table: items })])
    const { body } = await ask('POST', '/items', row)
    const path = `/items/${body.id}`
    await ask('PATCH', path, { stock: 1 })
    const writes = [
      ['PATCH', { name: 'x' }],
      ['PUT', { ...row, name: 'x' }],
      ['DELETE', undefined],
    ] as const
    for (const [method, sent] of writes) {
      const stale = await ask(method, path, sent, 'alice', match('"1"'))
      expect([stale.status, stale.body.code, stale.body.detail]).toEqual([
        412,
        'KWIK_RESOURCE_PRECONDITION',
        `item ${body.id} changed since version 1 (now 2)`,
      ])
      expect(stale.headers.get('etag')).toBe('"2"')
      // Weak tags never match (RFC 9110, 13.1.1), nor what is no version.
      for (const never of ['W/"2"', '"x"', '"2.0"', '"1", W/"2"', '""'])
        expect([never, (await ask(method, path, sent, 'alice', match(never))).status]).toEqual([never, 412])
      for (const wrong of ['2', '"2', '"2" "3"', '*, "2"', ''])
        expect([wrong, (await ask(method, path, sent, 'alice', match(wrong))).body.errors?.[0].parameter]).toEqual([
          wrong,
          wrong === '' ? undefined : 'if-match',
        ])
    }
  })

  both('may be one of several tags, or any', [items], async (db) => {
    const { ask } = appOf(db, [resource('items', { table: items })])
    const { body } = await ask('POST', '/items', row)
    const path = `/items/${body.id}`
    expect((await ask('PATCH', path, { stock: 1 }, 'alice', match('"7", "1"'))).status).toBe(200)
    expect((await ask('PATCH', path, { stock: 2 }, 'alice', match('*'))).body.version).toBe(3)
    expect((await ask('PATCH', path, { stock: 2 }, 'alice', match('"7","8"'))).body.detail).toContain(
      'version 7 or 8 (now 3)',
    )
    expect((await ask('DELETE', path, undefined, 'alice', match('"3"'))).status).toBe(204)
    // A row that is not there is 404, whatever was expected (RFC 9110, 13.2.1).
    for (const tags of ['"3"', '*'])
      expect((await ask('DELETE', path, undefined, 'alice', match(tags))).status).toBe(404)
  })

  both('lets one of two parallel changes through', [items], async (db) => {
    const { ask } = appOf(db, [resource('items', { table: items })])
    const { body } = await ask('POST', '/items', row)
    for (let version = 1; version <= 5; version++) {
      const both = await Promise.all(
        ['a', 'b'].map((name) => ask('PATCH', `/items/${body.id}`, { name }, 'alice', match(`"${version}"`))),
      )
      expect(both.map(({ status }) => status).sort()).toEqual([200, 412])
    }
    expect((await ask('GET', `/items/${body.id}`)).body.version).toBe(6)
  })

  both('must be said where the resource requires it', [items], async (db) => {
    const { ask } = appOf(db, [resource('items', { table: items, version: 'required', upsert: ['sku'] })])
    const { body } = await ask('POST', '/items', row)
    const path = `/items/${body.id}`
    for (const [method, sent] of [
      ['PATCH', { stock: 1 }],
      ['PUT', row],
      ['DELETE', undefined],
    ] as const) {
      const missing = await ask(method, path, sent)
      expect([missing.status, missing.body.detail, missing.body.code]).toEqual([
        428,
        'send If-Match',
        'KWIK_RESOURCE_VERSION_MISSING',
      ])
    }
    expect((await ask('PATCH', path, { stock: 1 }, 'alice', match('"1"'))).status).toBe(200)
    expect((await ask('PUT', '/items?by=sku', row)).status).toBe(428)
    expect((await ask('PUT', '/items?by=sku', row, 'alice', match('"1"'))).status).toBe(412)
    expect((await ask('PUT', '/items?by=sku', row, 'alice', match('"2"'))).body.version).toBe(3)
    const none = { 'if-none-match': '*' }
    expect((await ask('PUT', '/items?by=sku', row, 'alice', none)).status).toBe(412)
    expect((await ask('PUT', '/items?by=sku', { ...row, sku: 'b' }, 'alice', none)).status).toBe(201)
    expect((await ask('PUT', '/items?by=sku', { ...row, sku: 'c' }, 'alice', match('*'))).status).toBe(412)
  })

  both('is expected by the service too', [items], async (db) => {
    const { service } = resource('items', { table: items })
    const made = await service.create(row, { db })
    const refused = (work: Promise<unknown>) =>
      work.then(
        () => 200,
        ({ status, message }) => [status, message],
      )
    const stale = [412, `item ${made.id} changed since version 7 (now 1)`]
    expect(await refused(service.update(made.id, { stock: 1 }, { db }, { version: 7 }))).toEqual(stale)
    expect(await refused(service.replace(made.id, row, { db }, { version: 7 }))).toEqual(stale)
    expect(await refused(service.delete(made.id, { db }, { version: 7 }))).toEqual(stale)
    expect(await service.update(made.id, { stock: 1 }, { db }, { version: [7, 1] })).toMatchObject({ version: 2 })
    await service.delete(made.id, { db }, { version: 2 })
  })

  both('that a table does not have matches nothing', [shops], async (db) => {
    const { ask } = appOf(db, [resource('shops', { table: shops })])
    const { body, headers } = await ask('POST', '/shops', { name: 'a' })
    expect(headers.get('etag')).toBeNull()
    const refused = await ask('PATCH', `/shops/${body.id}`, { name: 'b' }, 'alice', match('"1"'))
    expect([refused.status, refused.body.detail]).toEqual([412, `shop ${body.id} has no version: leave If-Match out`])
    expect((await ask('PATCH', `/shops/${body.id}`, { name: 'b' }, 'alice', match('*'))).status).toBe(200)
  })

  test('that nobody sees, or that is not there, cannot be required', () => {
    expect(() => resource('shops', { table: shops, version: 'required' })).toThrow('needs a table with ...t.version()')
    const list = { fields: { hidden: ['version'] } } as const
    expect(() => resource('items', { table: items, version: 'required', list })).toThrow('clients do not see version')
  })
})

describe('a version that no column holds', () => {
  both('is one that the row does not have', [items], async (db) => {
    const { ask } = appOf(db, [resource('items', { table: items, bulk: {} })])
    const { id } = (await ask('POST', '/items', row)).body
    for (const version of [2 ** 31, 999_999_999_999_999]) {
      const tag = { 'if-match': `"${version}"` }
      expect((await ask('PATCH', `/items/${id}`, { name: 'x' }, 'alice', tag)).status).toBe(412)
      expect((await ask('DELETE', `/items/${id}`, undefined, 'alice', tag)).status).toBe(412)
      const items = [{ id, version, name: 'x' }]
      expect((await ask('PATCH', '/items/bulk', { items })).body).toMatchObject({
        status: 412,
        errors: [{ pointer: '/items/0' }],
      })
      const each = await ask('PATCH', '/items/bulk?mode=each', { items })
      expect(each.body.data[0].status).toBe(412)
    }
    const either = { 'if-match': '"4294967296", "1"' }
    expect((await ask('PATCH', `/items/${id}`, { name: 'x' }, 'alice', either)).status).toBe(200)
  })
})

describe('a PATCH', () => {
  both('takes a merge patch, in which null is not absent', [items], async (db) => {
    const { ask } = appOf(db, [resource('items', { table: items })])
    const { body } = await ask('POST', '/items', { ...row, price: '1.50', stock: 3 })
    const merge = { 'content-type': 'application/merge-patch+json' }
    const patched = await ask('PATCH', `/items/${body.id}`, { price: null }, 'alice', merge)
    expect([patched.status, patched.body.price, patched.body.stock, patched.body.name]).toEqual([200, null, 3, 'Pen'])
    expect((await ask('PATCH', `/items/${body.id}`, { name: null }, 'alice', merge)).status).toBe(422)
  })

  both(
    'merges objects field by field when it is a merge patch (RFC 7396), else puts them in place',
    [items],
    async (db) => {
      const fields = { extra: { write: 'items:extra' } } as const
      const { ask } = appOf(db, [resource('items', { table: items, fields })])
      const { body } = await ask('POST', '/items', { ...row, extra: { a: 1, b: { c: 2, d: [1, 2] }, e: null } })
      const path = `/items/${body.id}`
      const merge = { 'content-type': 'application/merge-patch+json; charset=utf-8' }
      const patch = '{"extra":{"a":null,"b":{"c":{"x":1},"d":[3],"n":{"gone":null}},"__proto__":{"admin":true}}}'
      const patched = await ask('PATCH', path, patch, 'alice', merge)
      const extra = '{"b":{"c":{"x":1},"d":[3],"n":{}},"e":null,"__proto__":{"admin":true}}'
      expect([patched.status, patched.body.version]).toEqual([200, 2])
      expect(patched.body.extra).toEqual(JSON.parse(extra))
      expect(({} as { admin?: boolean }).admin).toBeUndefined()
      expect((await ask('PATCH', path, { extra: { z: 1 } }, 'alice', { ...merge, 'if-match': '"1"' })).status).toBe(412)
      expect((await ask('PATCH', path, { extra: { z: 1 } }, 'seller', merge)).status).toBe(403)
      expect((await ask('PATCH', path, { extra: [1] }, 'alice', merge)).body.extra).toEqual([1])
      const shouted = { 'content-type': 'Application/Merge-Patch+JSON' }
      for (const extra of [{ a: 1 }, { b: 2 }]) await ask('PATCH', path, { extra }, 'alice', shouted)
      expect((await ask('GET', path)).body.extra).toEqual({ a: 1, b: 2 })
      expect((await ask('PATCH', path, { extra: [1] })).body.extra).toEqual([1])
      expect((await ask('PATCH', path, { extra: { z: 1 } }, 'alice', merge)).body.extra).toEqual({ z: 1 })
      expect((await ask('PATCH', path, { extra: { y: 1 } })).body.extra).toEqual({ y: 1 })
      const at = ['a', 'b', 'c', 'd'].map((key) => ask('PATCH', path, { extra: { [key]: 1 } }, 'alice', merge))
      await Promise.all(at)
      expect((await ask('GET', path)).body.extra).toEqual({ y: 1, a: 1, b: 1, c: 1, d: 1 })
      const missing = '/items/01890000-0000-7000-8000-000000000000'
      expect((await ask('PATCH', missing, { extra: { z: 1 } }, 'alice', merge)).status).toBe(404)
    },
  )
})
