import { Validator } from '@seriousme/openapi-schema-validator'
import { memoryFiles } from '#core/adapters/memory-files'
import { describe, expect, sleep, test } from '#test'
import { defineTable } from '../../../../plugins/database/index.ts'
import { resource } from '../../../../plugins/resources/index.ts'
import { pictures, png, problemOf, withShop } from './app.ts'

const id0 = '01890000-0000-7000-8000-000000000000'
const kept = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[\da-f]{4}-[\da-f]{12}\.png$/

/** A body that comes in pieces, and whether somebody read to its end. */
function coming(pieces: number, piece: Uint8Array, first = png('')) {
  let [sent, cancelled] = [0, false]
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(to) {
        await sleep(1)
        if (sent++ === 0) to.enqueue(first)
        else if (sent <= pieces) to.enqueue(piece)
        else to.close()
      },
      cancel: () => {
        cancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { body: body as BodyInit, sent: () => sent, cancelled: () => cancelled }
}

function form(parts: readonly [head: string, content: Uint8Array | string][], boundary = 'edge') {
  const bytes = Buffer.concat([
    ...parts.flatMap(([head, content]) => [
      Buffer.from(`--${boundary}\r\n${head}\r\n\r\n`),
      Buffer.from(content as string),
      Buffer.from('\r\n'),
    ]),
    Buffer.from(`--${boundary}--\r\n`),
  ])
  return { body: new Uint8Array(bytes), type: `multipart/form-data; boundary=${boundary}` }
}
const part = (filename: string, type = 'image/png') =>
  `Content-Disposition: form-data; name="file"; ${filename}\r\nContent-Type: ${type}`

describe('an upload', () => {
  withShop('is stored under a name that Kwik makes', async ({ send, make, stored, ask }) => {
    const id = await make()
    const answer = await send('PUT', `/products/${id}/photo`, { body: png(), type: 'image/png' })
    const row = (await answer.json()) as { photo: string; version: number }
    expect([answer.status, row.version, stored()]).toEqual([200, 2, [row.photo]])
    expect(row.photo).toMatch(kept)
    expect((await ask('GET', `/products/${id}`)).body.photo).toBe(row.photo)
    const got = await send('GET', `/products/${id}/photo`)
    expect([got.status, got.headers.get('content-type'), got.headers.get('content-length')]).toEqual([
      200,
      'image/png',
      '14',
    ])
    expect(got.headers.get('content-disposition')).toBe('inline; filename="photo.png"')
    expect(got.headers.get('x-content-type-options')).toBe('nosniff')
    expect(new Uint8Array(await got.arrayBuffer())).toEqual(png())
  })

  withShop('may be the one file of a form, whose name is kept and is no path', async ({ send, make, stored }) => {
    const id = await make()
    for (const [filename, disposition] of [
      [`filename="../../etc/ein Bild.png"`, 'inline; filename="ein Bild.png"'],
      [`filename="C:\\\\fake\\\\b.png"`, 'inline; filename="b.png"'],
      [`filename="grüße.png"`, `inline; filename="gr__e.png"; filename*=UTF-8''gr%C3%BC%C3%9Fe.png`],
      [
        `filename="x"; filename*=UTF-8''na%C3%AFve%20%28%22.png`,
        `inline; filename="na_ve (_.png"; filename*=UTF-8''na%C3%AFve%20%28%22.png`,
      ],
      ['filename="\u202e"', 'inline; filename="photo.png"'],
      ['filename=".."', 'inline; filename="photo.png"'],
    ] as const) {
      const answer = await send('PUT', `/products/${id}/photo`, form([[part(filename), png(`a\r\n--edg ${filename}`)]]))
      expect([filename, answer.status]).toEqual([filename, 200])
      const got = await send('GET', `/products/${id}/photo`)
      expect(got.headers.get('content-disposition')).toBe(disposition)
      expect(new Uint8Array(await got.arrayBuffer())).toEqual(png(`a\r\n--edg ${filename}`))
    }
    expect(stored()).toHaveLength(1)
  })

  withShop('that is no file alone is refused, and leaves nothing', async ({ send, make, stored }) => {
    const id = await make()
    const put = async (sent: object) => problemOf(await send('PUT', `/products/${id}/photo`, sent))
    const file = [part('filename="a.png"'), png()] as [string, Uint8Array]
    const malformed: [number, string] = [400, 'KWIK_BODY_MALFORMED']
    expect(await put(form([file, file]))).toEqual(malformed)
    expect(await put(form([['Content-Disposition: form-data; name="file"', 'text'], file]))).toEqual(malformed)
    expect(await put({ ...form([file]), type: 'multipart/form-data' })).toEqual(malformed)
    expect(await put({ ...form([file]), type: 'multipart/form-data; boundary=other' })).toEqual(malformed)
    const whole = form([file])
    expect(await put({ ...whole, body: whole.body.slice(0, -12) })).toEqual(malformed)
    expect(await put({ ...whole, body: new Uint8Array(Buffer.from(`--edge\r\n${'x'.repeat(20_000)}`)) })).toEqual(
      malformed,
    )
    expect(await put(form([[part('filename="a.gif"', 'image/gif'), png()]]))).toEqual([415, 'KWIK_BODY_TYPE'])
    expect(stored()).toEqual([])
  })

  withShop('is of a type that the column takes, by its header and its bytes', async ({ send, make, stored }) => {
    const id = await make()
    const put = async (field: string, type: string | undefined, body: string | Uint8Array) =>
      problemOf(
        await send('PUT', `/products/${id}/${field}`, { body: body as BodyInit, ...(type !== undefined && { type }) }),
      )
    for (const type of ['image/gif', 'text/html', 'application/octet-stream', undefined])
      expect(await put('photo', type, png())).toEqual([415, 'KWIK_BODY_TYPE'])
    const refused: [number, string] = [422, 'KWIK_FILE_CONTENT']
    expect(await put('photo', 'image/png', '<script>alert(1)</script>')).toEqual(refused)
    expect(await put('photo', 'image/jpeg', png())).toEqual(refused)
    expect(await put('photo', 'image/png', 'GIF89a')).toEqual(refused)
    expect(await put('manual', 'text/plain', png())).toEqual(refused)
    expect(await put('manual', 'text/plain', 'MZ program')).toEqual(refused)
    expect(await put('manual', 'text/plain', 'nul \0 byte')).toEqual(refused)
    expect(stored()).toEqual([])
    const html = await send('PUT', `/products/${id}/manual`, { body: '<p>', type: 'text/html; charset=utf-8' })
    expect(html.status).toBe(200)
    const got = await send('GET', `/products/${id}/manual`)
    expect(got.headers.get('content-disposition')).toBe('attachment; filename="manual.html"')
    expect(got.headers.get('content-security-policy')).toContain('sandbox')
  })

  withShop('without a byte is refused, unless the column takes it', async ({ send, make, stored }) => {
    const id = await make()
    for (const sent of [{ body: new Uint8Array(0) }, { body: null }])
      expect(await problemOf(await send('PUT', `/products/${id}/photo`, { ...sent, type: 'image/png' }))).toEqual([
        422,
        'KWIK_FILE_EMPTY',
      ])
    expect(await problemOf(await send('PUT', `/products/${id}/photo`, form([[part('filename="a.png"'), '']])))).toEqual(
      [422, 'KWIK_FILE_EMPTY'],
    )
    expect(stored()).toEqual([])
    expect((await send('PUT', `/products/${id}/manual`, { body: new Uint8Array(0), type: 'text/plain' })).status).toBe(
      200,
    )
    expect(await (await send('GET', `/products/${id}/manual`)).text()).toBe('')
  })

  withShop('that is too large is refused as soon as that is known, the rest unread', async ({ send, make, stored }) => {
    const id = await make()
    const path = `/products/${id}/photo`
    const exactly = png('x'.repeat(65_536 - 8))
    expect((await send('PUT', path, { body: exactly, type: 'image/png' })).status).toBe(200)
    const before = stored()
    const announced = coming(2, png())
    const headers = { 'content-length': '65537' }
    const refused = await send('PUT', path, { body: announced.body, type: 'image/png', headers })
    expect([refused.headers.get('connection'), ...(await problemOf(refused))]).toEqual([
      'close',
      413,
      'KWIK_BODY_TOO_LARGE',
    ])
    expect(announced.sent()).toBe(0)
    const endless = coming(1000, new Uint8Array(10_000))
    expect(await problemOf(await send('PUT', path, { body: endless.body, type: 'image/png' }))).toEqual([
      413,
      'KWIK_BODY_TOO_LARGE',
    ])
    expect(endless.sent()).toBeLessThan(12)
    expect(endless.cancelled()).toBe(true)
    const inForm = form([[part('filename="a.png"'), png('x'.repeat(65_536))]])
    expect(await problemOf(await send('PUT', path, inForm))).toEqual([413, 'KWIK_BODY_TOO_LARGE'])
    expect(stored()).toEqual(before)
    // More than other bodies may have.
    const large = `%PDF-${'x'.repeat(250_000)}`
    expect((await send('PUT', `/products/${id}/manual`, { body: large, type: 'application/pdf' })).status).toBe(200)
  })

  withShop('that breaks off leaves nothing', async ({ send, make, stored, ask }) => {
    const id = await make()
    const leave = new AbortController()
    const slow = coming(50, new Uint8Array(1000))
    const answer = send('PUT', `/products/${id}/photo`, { body: slow.body, type: 'image/png', signal: leave.signal })
    while (slow.sent() < 3) await sleep(2)
    leave.abort()
    await answer.catch(() => {})
    await sleep(20)
    expect([stored(), (await ask('GET', `/products/${id}`)).body.photo]).toEqual([[], null])
    const short = await send('PUT', `/products/${id}/photo`, {
      body: coming(2, png()).body,
      type: 'image/png',
      headers: { 'content-length': '5000' },
    })
    expect([stored(), ...(await problemOf(short))]).toEqual([[], 400, 'KWIK_BODY_MALFORMED'])
  })

  withShop('asks who is there before it reads a byte', async ({ send, make, stored }) => {
    const id = await make()
    for (const [as, path, status] of [
      ['', `/products/${id}/photo`, 401],
      ['reader', `/products/${id}/photo`, 403],
      ['alice', `/products/${id0}/photo`, 404],
      ['alice', '/products/nope/photo', 422],
      ['alice', `/products/${id}/name`, 404],
    ] as const) {
      const sent = coming(3, png())
      expect([as, path, (await send('PUT', path, { as, body: sent.body, type: 'image/png' })).status]).toEqual([
        as,
        path,
        status,
      ])
      expect(sent.sent()).toBe(0)
    }
    expect((await send('PUT', `/products/${id}/photo`, { as: 'writer', body: png(), type: 'image/png' })).status).toBe(
      200,
    )
    expect((await send('GET', `/products/${id}/photo`, { as: 'reader' })).status).toBe(200)
    expect((await send('GET', `/products/${id}/photo`, { as: 'nobody' })).status).toBe(403)
    expect((await send('DELETE', `/products/${id}/photo`, { as: 'reader' })).status).toBe(403)
    expect(stored()).toHaveLength(1)
  })

  const scope = ({ user }: { user: { id: string } }) => ({ name: user.id })
  withShop(
    'of a row out of scope is 404',
    async ({ send, ask, stored }) => {
      const { id } = (await ask('POST', '/products', { name: 'alice' })).body
      expect((await send('PUT', `/products/${id}/photo`, { as: 'bob', body: png(), type: 'image/png' })).status).toBe(
        404,
      )
      expect(stored()).toEqual([])
      expect((await send('PUT', `/products/${id}/photo`, { body: png(), type: 'image/png' })).status).toBe(200)
      for (const method of ['GET', 'DELETE'])
        expect((await send(method, `/products/${id}/photo`, { as: 'bob' })).status).toBe(404)
    },
    { scope },
  )

  const list = { fields: { permissions: { photo: 'products:cost' } } }
  withShop(
    'of a field that the caller may not know is 404',
    async ({ send, make }) => {
      const id = await make()
      expect((await send('PUT', `/products/${id}/photo`, { body: png(), type: 'image/png' })).status).toBe(200)
      for (const method of ['GET', 'PUT', 'DELETE'])
        expect(
          (
            await send(method, `/products/${id}/photo`, {
              as: 'writer',
              ...(method === 'PUT' && { body: png(), type: 'image/png' }),
            })
          ).status,
        ).toBe(404)
    },
    { list },
  )
})

describe('an upload into a row with versions', () => {
  withShop(
    'says which version it changes, before a byte is read where it must',
    async ({ send, make, stored }) => {
      const id = await make()
      const path = `/products/${id}/photo`
      const sent = coming(3, png())
      expect(await problemOf(await send('PUT', path, { body: sent.body, type: 'image/png' }))).toEqual([
        428,
        'KWIK_RESOURCE_VERSION_MISSING',
      ])
      expect(sent.sent()).toBe(0)
      const photo = (tag: string) => send('PUT', path, { body: png(), type: 'image/png', headers: { 'if-match': tag } })
      const first = await photo('"1"')
      expect([first.status, first.headers.get('etag')]).toEqual([200, '"2"'])
      const before = stored()
      expect(await problemOf(await photo('"1"'))).toEqual([412, 'KWIK_RESOURCE_PRECONDITION'])
      expect((await send('DELETE', path)).status).toBe(428)
      expect((await send('DELETE', path, { headers: { 'if-match': '"1"' } })).status).toBe(412)
      expect(stored()).toEqual(before)
      expect((await send('DELETE', path, { headers: { 'if-match': '"2"' } })).status).toBe(204)
      expect(stored()).toEqual([])
    },
    { version: 'required' },
  )
})

describe('a file column', () => {
  withShop('is never written by JSON', async ({ ask, make, send }) => {
    const id = await make()
    const { photo } = (await (
      await send('PUT', `/products/${id}/photo`, { body: png(), type: 'image/png' })
    ).json()) as { photo: string }
    for (const value of ['../../etc/passwd', 'a.png', null]) {
      expect((await ask('POST', '/products', { name: 'x', photo: value })).status).toBe(422)
      expect((await ask('PATCH', `/products/${id}`, { photo: value })).status).toBe(422)
      expect((await ask('PUT', `/products/${id}`, { name: 'x', photo: value })).status).toBe(422)
    }
    expect((await ask('PUT', `/products/${id}`, { name: 'x' })).body.photo).toBe(photo)
  })

  withShop('without a file, or whose file is lost, has none', async ({ send, make, files }) => {
    const id = await make()
    for (const method of ['GET', 'DELETE']) expect((await send(method, `/products/${id}/photo`)).status).toBe(404)
    const { photo } = (await (
      await send('PUT', `/products/${id}/photo`, { body: png(), type: 'image/png' })
    ).json()) as { photo: string }
    await files.delete(photo)
    expect((await send('GET', `/products/${id}/photo`)).status).toBe(404)
    expect((await send('DELETE', `/products/${id}/photo`)).status).toBe(204)
  })

  test('is declared for what it is', () => {
    const rule = { types: ['image/png'] }
    const made =
      (options: object, table: object = pictures) =>
      () =>
        resource('products', { table, ...options } as never)
    const fileStore = memoryFiles()
    expect(made({ files: { photo: rule } })).toThrow('files need a place: fileStore')
    expect(made({ fileStore, files: { foto: rule } })).toThrow('no t.file() field "foto", did you mean "photo"?')
    expect(made({ fileStore, files: { name: rule } })).toThrow('no t.file() field "name"')
    expect(made({ fileStore, files: { photo: { types: [] } } })).toThrow('media types')
    expect(made({ fileStore, files: { photo: { types: ['PNG'] } } })).toThrow('media types')
    expect(made({ fileStore, files: { photo: { types: ['image/svg+xml'], inline: true } } })).toThrow('would run')
    expect(made({ fileStore, files: { photo: { ...rule, maxBytes: '5 MB' } } })).toThrow('is no size')
    expect(made({ fileStore, files: { photo: rule }, list: { fields: { hidden: ['photo'] } } })).toThrow('is hidden')
    const strict = defineTable('things', (t) => ({ id: t.id(), file: t.file() }))
    expect(made({}, strict)).toThrow('say t.file().nullable()')
    expect(made({ only: ['get'] }, strict)).not.toThrow()
  })
})

describe('the document of an API with files', () => {
  withShop('says what an upload takes, and is valid', async ({ ask }) => {
    const { body } = await ask('GET', '/openapi/json')
    const { put, get, delete: gone } = body.paths['/products/{id}/photo']
    expect(Object.keys(put.requestBody.content)).toEqual(['image/png', 'image/jpeg', 'multipart/form-data'])
    expect([put.operationId, get.operationId, gone.operationId]).toEqual([
      'putProductPhoto',
      'getProductPhoto',
      'deleteProductPhoto',
    ])
    expect(Object.keys(get.responses['200'].content)).toEqual(['image/png', 'image/jpeg'])
    expect(put['x-kwik-permissions']).toEqual({ all: ['products:update'] })
    expect((await new Validator().validate(body)).valid).toBe(true)
  })
})
