import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { describe, expect, sleep, test } from '#test'
import { defineTable } from '../../../../plugins/database/index.ts'
import { sweepFiles } from '../../../../plugins/resources/index.ts'
import { inFolder, withDatabase } from '../../../services.ts'
import { pictures, png, problemOf, shopIn, withShop } from './app.ts'

const photo = { body: png('0123456789'), type: 'image/png' }
const put = async (
  { send }: { send: ReturnType<typeof shopIn>['send'] },
  id: string,
  sent: object = photo,
): Promise<string> => ((await (await send('PUT', `/products/${id}/photo`, sent)).json()) as { photo: string }).photo

describe('a download', () => {
  withShop('gives the part that is asked for', async (shop) => {
    const { send, make } = shop
    const id = await make()
    await put(shop, id)
    const part = async (range: string, more: object = {}) => {
      const answer = await send('GET', `/products/${id}/photo`, { headers: { range, ...more } })
      return [answer.status, answer.headers.get('content-range'), (await answer.bytes()).byteLength]
    }
    expect(await part('bytes=8-')).toEqual([206, 'bytes 8-17/18', 10])
    expect(await part('bytes=0-0')).toEqual([206, 'bytes 0-0/18', 1])
    expect(await part('bytes=-4')).toEqual([206, 'bytes 14-17/18', 4])
    expect(await part('bytes=-100')).toEqual([206, 'bytes 0-17/18', 18])
    expect(await part('bytes=10-999')).toEqual([206, 'bytes 10-17/18', 8])
    for (const whole of [
      'bytes=5-1',
      'bytes=',
      'bytes=-',
      'items=0-1',
      'bytes=0-1,4-5',
      'bytes=a-b',
      `bytes=${'9'.repeat(20)}-`,
    ])
      expect([whole, ...(await part(whole))]).toEqual([whole, 200, null, 18])
    for (const outside of ['bytes=18-', 'bytes=99-100', 'bytes=-0']) {
      const answer = await send('GET', `/products/${id}/photo`, { headers: { range: outside } })
      expect([answer.headers.get('content-range'), ...(await problemOf(answer))]).toEqual([
        'bytes */18',
        416,
        'KWIK_FILE_RANGE',
      ])
    }
    const { headers } = await send('GET', `/products/${id}/photo`)
    expect(headers.get('accept-ranges')).toBe('bytes')
    expect(await part('bytes=8-', { 'if-range': headers.get('etag') })).toEqual([206, 'bytes 8-17/18', 10])
    expect(await part('bytes=8-', { 'if-range': headers.get('last-modified') })).toEqual([206, 'bytes 8-17/18', 10])
    expect(await part('bytes=8-', { 'if-range': '"other"' })).toEqual([200, null, 18])
  })

  withShop('is 304 for those who have the file, until there is another', async (shop) => {
    const { send, make } = shop
    const id = await make()
    await put(shop, id)
    const etag = (await send('GET', `/products/${id}/photo`)).headers.get('etag')!
    const status = async (tag: string) =>
      (await send('GET', `/products/${id}/photo`, { headers: { 'if-none-match': tag } })).status
    expect([await status(etag), await status(`"x", W/${etag}`), await status('*'), await status('"x"')]).toEqual([
      304, 304, 304, 200,
    ])
    await put(shop, id)
    expect(await status(etag)).toBe(200)
    const head = await send('HEAD', `/products/${id}/photo`)
    expect([head.status, head.headers.get('content-type'), (await head.bytes()).byteLength]).toEqual([
      200,
      'image/png',
      0,
    ])
  })
})

describe('a file', () => {
  withShop('goes when it is replaced or deleted, once that is committed', async (shop) => {
    const { ask, send, make, stored } = shop
    const id = await make()
    const first = await put(shop, id)
    const second = await put(shop, id)
    expect([first === second, stored()]).toEqual([false, [second]])
    expect((await send('DELETE', `/products/${id}/photo`)).status).toBe(204)
    expect([stored(), (await ask('GET', `/products/${id}`)).body.photo]).toEqual([[], null])
    await put(shop, id)
    expect((await ask('DELETE', `/products/${id}`)).status).toBe(204)
    expect(stored()).toEqual([])
  })

  withShop(
    'stays when the write is undone, and the new one goes',
    async (shop, db) => {
      const { send, make, stored, ask, shop: made } = shop
      const id = await make()
      const first = await put(shop, id)
      await db.execute('alter table kwik_history rename to away')
      for (const answer of [await send('PUT', `/products/${id}/photo`, photo), await ask('DELETE', `/products/${id}`)])
        expect(answer.status).toBe(500)
      await db.execute('alter table away rename to kwik_history')
      await db
        .tx(async () => {
          await (made as unknown as { service: { delete(id: string, caller: object): Promise<void> } }).service.delete(
            id,
            { db, user: { id: 'robot' } },
          )
          throw new Error('undone')
        })
        .catch(() => {})
      expect([stored(), (await ask('GET', `/products/${id}`)).body.photo]).toEqual([[first], first])
    },
    { history: true },
  )

  withShop(
    'is part of the history, and told after the commit',
    async (shop) => {
      const { ask, make } = shop
      const id = await make()
      const name = await put(shop, id, { ...photo, as: 'bob' })
      const { data } = (await ask('GET', `/products/${id}/history`)).body
      expect(data[0]).toMatchObject({ action: 'update', actorId: 'bob', changes: { photo: { from: null, to: name } } })
    },
    { history: true },
  )

  test('of a row that is only marked as deleted stays', () =>
    withDatabase('SQLite in memory', [], (db) =>
      inFolder(async (folder) => {
        const { createTables } = await import('../../../../plugins/database/index.ts')
        const table = defineTable('products', (t) => ({
          id: t.id(),
          name: t.string(40),
          photo: t.file().nullable(),
          manual: t.file().nullable(),
          ...t.softDelete(),
        }))
        await createTables(db, [table])
        const shop = shopIn(folder, db, { table })
        const id = await shop.make()
        const name = await put(shop, id)
        await shop.ask('DELETE', `/products/${id}`)
        expect(shop.stored()).toEqual([name])
      }),
    ))

  withShop('is written and read by the service too', async ({ shop, stored, make }, db) => {
    const id = await make()
    const service = (
      shop as unknown as {
        service: Record<
          string,
          (...given: unknown[]) => Promise<{ photo: string; content: ReadableStream; filename: string }>
        >
      }
    ).service
    const caller = { db, user: { id: 'robot' } }
    const row = await service['putFile']!(id, 'photo', new File([png()], 'a.png', { type: 'image/png' }), caller)
    expect(stored()).toEqual([row.photo])
    const { content, ...known } = await service['openFile']!(id, 'photo', caller)
    expect(known).toMatchObject({ type: 'image/png', filename: 'a.png', size: 14 })
    expect(await new Response(content).bytes()).toEqual(png())
    for (const [file, code] of [
      [new Blob(['x'], { type: 'image/png' }), 'KWIK_FILE_CONTENT'],
      [new Blob(['x'], { type: 'text/html' }), 'KWIK_BODY_TYPE'],
      [new Blob([png('x'.repeat(70_000))], { type: 'image/png' }), 'KWIK_BODY_TOO_LARGE'],
    ] as const)
      await expect(service['putFile']!(id, 'photo', file, caller)).rejects.toMatchObject({ code })
    await service['deleteFile']!(id, 'photo', caller)
    expect(stored()).toEqual([])
  })

  withShop('that no row names is found, and removed', async (shop, db) => {
    const { make, stored, files } = shop
    const [one, two] = [await make(), await make()]
    const [kept, lost] = [await put(shop, one), await put(shop, two)]
    await db.execute(`delete from products where id = '${two}'`)
    await files.put('unfinished.png', new Blob([png()]).stream() as never, { type: 'image/png' })
    const sweep = { files, database: db, tables: [pictures] }
    expect(await sweepFiles(sweep)).toEqual([])
    await sleep(5)
    expect(await sweepFiles({ ...sweep, olderThan: 0, dry: true })).toEqual([lost])
    expect(stored()).toHaveLength(3)
    expect(await sweepFiles({ ...sweep, olderThan: 0 })).toEqual([lost])
    expect(stored()).toEqual([kept])
    await expect(sweepFiles({ ...sweep, tables: [] })).rejects.toThrow('no table')
  })
})

describe('over a socket', () => {
  const program = new URL('../../../fixtures/programs/file-app.ts', import.meta.url).pathname
  const args = 'Bun' in globalThis ? [program] : ['run', '-A', '--no-check', '--node-modules-dir=manual', program]

  test(
    'files come and go whole, and what is refused or breaks off leaves nothing',
    () =>
      inFolder(async (folder) => {
        const child = spawn(process.execPath, [...args, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
        try {
          const [port, id] = String((await once(child.stdout, 'data'))[0])
            .trim()
            .split(' ')
          const url = `http://127.0.0.1:${port}/products/${id}/photo`
          const stored = () => readdirSync(folder).filter((name) => !name.endsWith('.json'))
          const large = png('x'.repeat(3_000_000))
          const made = await fetch(url, { method: 'PUT', headers: { 'content-type': 'image/png' }, body: large })
          const { photo: name } = (await made.json()) as { photo: string }
          expect([made.status, stored()]).toEqual([200, [name]])
          const got = await fetch(url)
          expect([got.status, (await got.bytes()).byteLength]).toEqual([200, 3_000_008])
          const part = await fetch(url, { headers: { range: 'bytes=0-7' } })
          expect([part.status, await part.bytes()]).toEqual([206, png('')])
          const body = new FormData()
          body.set('file', new File([png('form')], 'grüße.png', { type: 'image/png' }))
          expect((await fetch(url, { method: 'PUT', body })).status).toBe(200)
          expect((await fetch(url)).headers.get('content-disposition')).toContain(
            "filename*=UTF-8''gr%C3%BC%C3%9Fe.png",
          )
          const before = stored()

          const refused = await said(
            Number(port),
            `PUT /products/${id}/photo HTTP/1.1\r\nhost: a\r\ncontent-type: image/png\r\ncontent-length: 9000000\r\n\r\n`,
          )
          expect(refused).toMatch(/^HTTP\/1\.1 413 /)
          const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
          const first = `8\r\n${Buffer.from(png('')).toString('latin1')}\r\n`
          const endless = await said(
            Number(port),
            `PUT /products/${id}/photo HTTP/1.1\r\nhost: a\r\ncontent-type: image/png\r\ntransfer-encoding: chunked\r\n\r\n${first}${chunk.repeat(100)}`,
          )
          expect(endless).toMatch(/^HTTP\/1\.1 413 /)

          const socket = connect(Number(port), '127.0.0.1')
          socket.on('error', () => {})
          socket.write(
            `PUT /products/${id}/photo HTTP/1.1\r\nhost: a\r\ncontent-type: image/png\r\ncontent-length: 100000\r\n\r\n`,
          )
          socket.write(png('x'.repeat(30_000)))
          for (let i = 0; i < 200 && stored().length === before.length; i++) await sleep(10)
          expect(stored().some((entry) => entry.endsWith('.part'))).toBe(true)
          socket.destroy()
          for (let i = 0; i < 200 && stored().length > before.length; i++) await sleep(10)
          expect(stored()).toEqual(before)
        } finally {
          child.kill()
        }
      }),
    30_000,
  )
})

/** What a server says to bytes, until it closes or a second has gone by. */
async function said(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.on('data', (data) => {
    answer += data.toString('latin1')
  })
  socket.on('error', () => {})
  socket.write(Buffer.from(text, 'latin1'))
  for (let i = 0; i < 200 && !answer.includes('\r\n\r\n'); i++) await sleep(10)
  socket.destroy()
  return answer
}
