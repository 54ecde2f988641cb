import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '#test'
import { newApp, type TestApp } from './app.ts'

const patience = 60_000
let app: TestApp
beforeAll(async () => {
  app = await newApp()
  const platform = read('src/platform.ts')
  write(
    'src/platform.ts',
    platform.replace('kwik({', 'kwik({\n  versions: api,').replace(/^/, "import { api } from './versions.ts'\n"),
  )
  write('src/versions.ts', versions(''))
  write('src/invoices.ts', invoices)
  edit('src/schema.ts', '...Object.values(resources)]', '...Object.values(resources), versionUsage]')
  write('src/schema.ts', `import { versionUsage } from 'kwik/versioning'\n${read('src/schema.ts')}`)
  edit('src/app.ts', '.use(platform)', '.use(platform).use(invoices)')
  write('src/app.ts', `import { invoices } from './invoices.ts'\n${read('src/app.ts')}`)
}, patience)
afterAll(() => app.remove())

const read = (file: string): string => readFileSync(join(app.root, file), 'utf8')
const write = (file: string, text: string): void => writeFileSync(join(app.root, file), text)
const edit = (file: string, from: string, to: string): void => {
  expect(read(file)).toContain(from)
  write(file, read(file).replace(from, to))
}

const invoices = `import { Elysia, t } from 'elysia'
import { platform } from './platform.ts'
import { Invoice } from './versions.ts'

export const invoices = new Elysia()
  .use(platform)
  .get('/invoices/:id', ({ params }) => ({ id: Number(params.id), createdAt: 'now', status: 'open' as const }), { public: true, response: Invoice })
  .post('/invoices', ({ body }) => body, { public: true, body: Invoice, response: Invoice })
`
const versions = (more: string): string => `import { t } from 'elysia'
import { change, databaseUsage, versions } from 'kwik/versioning'
import { database } from './database.ts'

export const Invoice = t.Object({ id: t.Number(), createdAt: t.String(), status: t.Union([t.Literal('open'), t.Literal('paid')])${more === '' ? '' : ', due: t.String()'} }, { title: 'Invoice' })
const createdAt = change('Invoices expose createdAt', (c) => [c.schema(Invoice).rename('creationDate', 'createdAt')])
${more}
export const api = versions({
  vendor: 'shop',
  usage: databaseUsage(database),
  list: [
    ${more === '' ? '' : "{ v: '3', released: '2999-01-01', changes: [due] },"}
    { v: '2', released: '2026-01-10', changes: [createdAt] },
    { v: '1', released: '2025-05-01' },
  ],
})
`
const dueDeclared =
  "const due = change('Invoices are due', (c) => [c.schema(Invoice).addField('due', { default: 'never' })])"

describe('kwik versions', () => {
  test(
    'freeze writes the document and the types of each released version, once',
    async () => {
      const { code, out, err } = await app.kwik('versions', 'freeze')
      expect([code, err]).toEqual([0, ''])
      expect(out.split('\n').sort()).toEqual([
        '',
        'create  api/v1.json',
        'create  api/v1.ts',
        'create  api/v2.json',
        'create  api/v2.ts',
      ])
      expect(Object.keys(JSON.parse(read('api/v1.json')).components.schemas.Invoice.properties)).toContain(
        'creationDate',
      )
      expect((await app.kwik('versions', 'freeze')).out).toBe('')
      expect((await app.kwik('versions', 'freeze', '--check')).out).toBe('unchanged  2, 1\n')
    },
    patience,
  )
  test(
    "a client of v1 compiles against v1's shapes",
    async () => {
      const client = (line: string): string => `import { treaty } from '@elysiajs/eden'
import type { V1 } from '../api/v1.ts'
const api = treaty<V1>('localhost:3000', { headers: { accept: 'application/vnd.shop.v1+json' } })
const { data } = await api.invoices({ id: '1' }).get()
${line}
`
      write(
        'src/client.ts',
        client(`const at: string | undefined = data?.creationDate
const status: 'open' | 'paid' | undefined = data?.status
await api.invoices.post({ id: 1, creationDate: 'x', status: 'open' })
// @ts-expect-error the name of version 2
console.log(at, status, data?.createdAt)
// @ts-expect-error the name of version 2
await api.invoices.post({ id: 1, createdAt: 'x', status: 'open' })`),
      )
      expect(await app.types()).toBe('')
      write('src/client.ts', 'export {}\n')
    },
    patience,
  )
  test(
    'frozen OpenAPI of v1 is unchanged after a v3 change, else CI fails with the difference',
    async () => {
      // The change is declared: versions 1 and 2 are as they were, and 3 is not out yet.
      write('src/versions.ts', versions(dueDeclared))
      edit('src/invoices.ts', "status: 'open' as const", "status: 'open' as const, due: 'soon'")
      expect(await app.kwik('versions', 'freeze', '--check')).toEqual({ code: 0, out: 'unchanged  2, 1\n', err: '' })
      // Somebody forgets to declare it.
      write(
        'src/versions.ts',
        versions(
          `${dueDeclared.replace("c.schema(Invoice).addField('due', { default: 'never' })", "c.endpoint('GET /invoices/:id').status(200, 200)")}`,
        ),
      )
      const { code, out, err } = await app.kwik('versions', 'freeze', '--check')
      expect([code, err]).toEqual([
        1,
        'the API is not what api/ says: see above. Write "kwik versions freeze --force" when it is meant\n',
      ])
      expect(out).toContain('version 1 is not what api/v1.json says:')
      expect(out).toContain('+ components > schemas > Invoice > properties > due: {"type":"string"}')
      expect(JSON.parse(read('api/v1.json')).components.schemas.Invoice.properties.due).toBeUndefined()
      expect((await app.kwik('versions', 'freeze')).code).toBe(1)
      expect((await app.kwik('versions', 'freeze', '1', '--force')).out).toContain('change  api/v1.json')
      write('src/versions.ts', versions(dueDeclared))
    },
    patience,
  )
  test(
    'diff tells two versions apart',
    async () => {
      const { code, out } = await app.kwik('versions', 'diff', '1', '2')
      expect(code).toBe(0)
      expect(out).toContain('- components > schemas > Invoice > properties > creationDate: {"type":"string"}')
      expect(out).toContain('+ components > schemas > Invoice > properties > createdAt: {"type":"string"}')
      expect(out).not.toContain('vnd.shop')
      const parsed = JSON.parse((await app.kwik('versions', 'diff', '1', '2', '--json')).out)
      expect(parsed.length).toBeGreaterThan(1)
      const unknown = await app.kwik('versions', 'diff', '1', '9')
      expect([unknown.code, unknown.err]).toEqual([2, 'there is no version "9": there are 3, 2, 1\n'])
    },
    patience,
  )
  test(
    'usage tells who uses which version',
    async () => {
      await app.kwik('db', 'make', '--name', 'usage')
      expect((await app.kwik('db', 'migrate')).code).toBe(0)
      write(
        'use.ts',
        `import { app } from './src/app.ts'
import { stopGracefully } from 'kwik'
for (const v of ['1', '1', '2']) await app.handle(new Request('http://localhost/invoices/1', { headers: { accept: \`application/vnd.shop.v\${v}+json\` } }))
await stopGracefully(app)
`,
      )
      const { execute } = await import('./command.ts')
      const used = await execute('bun', ['use.ts'], { cwd: app.root, patience })
      expect(used.code).toBe(0)
      const { code, out } = await app.kwik('versions', 'usage')
      expect(code).toBe(0)
      const today = new Date().toISOString().slice(0, 10)
      expect(out).toBe(
        `version  requests  last        client\n1        2         ${today}  anonymous\n2        1         ${today}  anonymous\n`,
      )
      expect(JSON.parse((await app.kwik('versions', 'usage', '--json', '--since', '2999-01-01')).out)).toEqual([])
      expect((await app.kwik('versions', 'usage', '--since', 'today')).code).toBe(2)
    },
    patience,
  )
  test(
    'an app without versions is told how to have some',
    async () => {
      const plain = await newApp()
      try {
        const { code, err } = await plain.kwik('versions', 'freeze')
        expect([code, err]).toEqual([
          1,
          'this app has no versions: declare them with versions({...}), kwik({ versions })\n',
        ])
        expect(existsSync(join(plain.root, 'api'))).toBe(false)
      } finally {
        plain.remove()
      }
    },
    patience,
  )
})
