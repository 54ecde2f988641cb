import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from '#test'
import { postgresUrl, withPostgres } from '../services.ts'
import { newApp, repository, type TestApp } from './app.ts'
import { execute } from './command.ts'
import { ctrlC, enter, onTerminal } from './terminal.ts'

const patience = 60_000
const product = ['g', 'resource', 'product', 'name:string!', 'price:decimal:10.2', 'status:enum:draft,live=draft']
const model = 'src/resources/product/model.ts'
const made: TestApp[] = []
let fresh: TestApp
let shop: TestApp

const copyOf = (app: TestApp): TestApp => {
  const copy = app.copy()
  made.push(copy)
  return copy
}
const read = (app: TestApp, file: string): string => readFileSync(join(app.root, file), 'utf8')
const write = (app: TestApp, file: string, text: string): void => writeFileSync(join(app.root, file), text)
/** Every file of the app and its text. */
function snapshot({ root }: TestApp): Record<string, string> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(files.sort().map((file) => [file, readFileSync(file, 'utf8')]))
}

beforeAll(async () => {
  fresh = await newApp()
  shop = copyOf(fresh)
  const { code, err } = await shop.kwik(...product)
  if (code !== 0) throw new Error(err)
}, patience)
afterAll(() => {
  for (const app of [fresh, ...made]) app.remove()
})

describe('a new app', () => {
  test(
    'has the migrations of its tables already',
    async () => {
      expect(await fresh.kwik('db', 'make')).toEqual({ code: 0, out: 'unchanged\n', err: '' })
    },
    patience,
  )

  test(
    'is right in its types, and its tests pass',
    async () => {
      expect(await fresh.types()).toBe('')
      const { err, code } = await fresh.tests()
      expect(err).toContain(' 0 fail')
      expect(code).toBe(0)
    },
    patience,
  )
})

test(
  'the templates are right in their types as they stand',
  async () => {
    const { code, out } = await execute('bunx', ['tsc', '-p', 'cli/templates'], { cwd: repository, patience })
    expect({ code, out }).toEqual({ code: 0, out: '' })
  },
  patience,
)

describe('kwik generate resource', () => {
  test(
    'writes a resource whose types are right and whose tests pass at once',
    async () => {
      for (const file of ['model', 'schemas', 'permissions', 'service', 'routes'])
        expect(existsSync(join(shop.root, `src/resources/product/${file}.ts`))).toBe(true)
      for (const dialect of ['sqlite', 'postgresql'])
        expect(read(shop, `migrations/${dialect}/0001_products.sql`)).toContain('price')
      expect(await shop.types()).toBe('')
      const { err, code } = await shop.tests()
      expect(err).toContain(' 0 fail')
      expect(code).toBe(0)
    },
    patience,
  )

  test(
    'changes nothing the second time, and nothing when it is asked for no fields',
    async () => {
      const before = snapshot(shop)
      expect(await shop.kwik(...product)).toEqual({ code: 0, out: 'unchanged\n', err: '' })
      expect(await shop.kwik('g', 'resource', 'products')).toEqual({ code: 0, out: 'unchanged\n', err: '' })
      expect(snapshot(shop)).toEqual(before)
    },
    patience,
  )

  test(
    '--dry-run shows every line and touches nothing',
    async () => {
      const before = snapshot(shop)
      const { code, out } = await shop.kwik(...product, 'stock:int', '--dry-run')
      expect(code).toBe(0)
      expect(out).toContain('update  src/resources/product/model.ts\n')
      expect(out).toContain('+    stock: t.int().nullable(),\n')
      expect(out).toContain('Nothing was touched.')
      expect(snapshot(shop)).toEqual(before)
    },
    patience,
  )

  test(
    'adds a field to files that nobody edited, with a migration',
    async () => {
      const app = copyOf(shop)
      const { code, out } = await app.kwik('g', 'resource', 'product', 'stock:int')
      expect(code).toBe(0)
      expect(out).toContain('update  src/resources/product/model.ts\n')
      expect(read(app, model)).toContain('price: t.decimal(10, 2).nullable(),')
      expect(read(app, model)).toContain('stock: t.int().nullable(),')
      expect(read(app, 'migrations/sqlite/0002_products.sql')).toContain('stock')
      expect((await app.tests()).err).toContain(' 0 fail')
    },
    patience,
  )

  test(
    'merges a field into files that were edited, CRLF and all',
    async () => {
      const app = copyOf(shop)
      const edited = `// Mine.\n${read(app, model)}export const mine = 1\n`.replaceAll('\n', '\r\n')
      write(app, model, edited)
      const { code, out } = await app.kwik('g', 'resource', 'product', 'stock:int')
      expect(code).toBe(0)
      expect(out).toContain('merge   src/resources/product/model.ts\n')
      const line = '    stock: t.int().nullable(),\r\n'
      expect(read(app, model)).toContain(line)
      expect(read(app, model).replace(line, '')).toBe(edited)
    },
    patience,
  )

  test(
    'leaves a file whose lines both changed, writes a .rej, and ends with 1',
    async () => {
      const app = copyOf(shop)
      const edited = read(app, model).replace("default('draft')", "default('live')")
      write(app, model, edited)
      const { code, err } = await app.kwik('g', 'resource', 'product', 'status:enum:draft,live,gone=draft')
      expect(code).toBe(1)
      expect(err).toContain('model.ts.rej'.replace('.rej', ''))
      expect(read(app, model)).toBe(edited)
      expect(read(app, `${model}.rej`)).toContain("+    status: t.enum('draft', 'live', 'gone').default('draft'),")
      expect(existsSync(join(app.root, 'migrations/sqlite/0002_products.sql'))).toBe(false)
    },
    patience,
  )

  test(
    'takes what its owner made of a .rej, once that is gone',
    async () => {
      const app = copyOf(shop)
      const words = ['g', 'resource', 'product', 'status:enum:draft,live,gone=draft', 'stock:int']
      write(app, model, read(app, model).replace("default('draft')", "default('live')"))
      expect((await app.kwik(...words)).code).toBe(1)
      expect((await app.kwik(...words)).err).toContain(`${model}.rej is still there`)
      write(
        app,
        model,
        read(app, model).replace(
          / {2}status: .*\n/,
          (line) => `${line.replace("'live')", "'live', 'gone')")}  stock: t.int().nullable(),\n`,
        ),
      )
      rmSync(join(app.root, `${model}.rej`))
      const { code, out, err } = await app.kwik(...words)
      expect({ code, err }).toEqual({ code: 0, err: '' })
      expect(out).toContain('create  migrations/sqlite/0002_products.sql')
      expect(read(app, model)).toContain("default('live')")
    },
    patience,
  )

  test(
    'refuses a required field that the rows of a table cannot have, and writes nothing',
    async () => {
      const before = snapshot(shop)
      const { code, err } = await shop.kwik('g', 'resource', 'product', 'weight:int!')
      expect(code).toBe(2)
      expect(err).toContain('weight:int! cannot be required')
      expect(snapshot(shop)).toEqual(before)
    },
    patience,
  )

  test(
    'keeps away from files that it did not write',
    async () => {
      const app = copyOf(fresh)
      mkdirSync(join(app.root, 'src/resources/product'), { recursive: true })
      write(app, model, 'export const mine = 1\n')
      const before = snapshot(app)
      const { code, err } = await app.kwik(...product)
      expect(code).toBe(1)
      expect(err).toContain('src/resources/product/model.ts is there and was not generated')
      expect(snapshot(app)).toEqual(before)
    },
    patience,
  )

  test(
    'says which lines to put in where the marks are gone',
    async () => {
      const app = copyOf(fresh)
      write(app, 'src/resources/routes.ts', read(app, 'src/resources/routes.ts').replace('  // kwik:routes\n', ''))
      const { code, out } = await app.kwik(...product)
      expect(code).toBe(0)
      expect(out).toContain('1 manual step')
      expect(out).toContain('.use(productRoutes)')
    },
    patience,
  )

  test(
    'without fields and without a terminal it writes name:string!',
    async () => {
      const app = copyOf(fresh)
      expect((await app.kwik('g', 'resource', 'product')).code).toBe(0)
      expect(read(app, model)).toContain('  name: t.string(),\n')
    },
    patience,
  )

  test(
    'without fields it asks on a terminal',
    async () => {
      const app = copyOf(fresh)
      const cli = new URL('../../cli/index.ts', import.meta.url).pathname
      const { code } = await onTerminal(['bun', cli, 'g', 'resource', 'product'], app.root, [
        { after: 'Fields of product?', keys: ` weight:float${enter}` },
      ])
      expect(code).toBe(0)
      expect(read(app, model)).toContain('    name: t.string(),\n    weight: t.float().nullable(),\n')
    },
    patience,
  )

  test(
    'Ctrl-C at the question leaves with 130 and nothing touched',
    async () => {
      const before = snapshot(fresh)
      const cli = join(repository, 'cli/index.ts')
      const { code } = await onTerminal(['bun', cli, 'g', 'resource', 'product'], fresh.root, [
        { after: 'Fields of product?', keys: ctrlC },
      ])
      expect(code).toBe(130)
      expect(snapshot(fresh)).toEqual(before)
    },
    patience,
  )

  test(
    'points at tables that are there, and names them when one is not',
    async () => {
      const { code, out, err } = await shop.kwik('g', 'resource', 'note', 'about:ref:prodcuts')
      expect({ code, out }).toEqual({ code: 2, out: '' })
      expect(err).toContain('about:ref:prodcuts — no resource "prodcuts"; have: users, products')
      expect(err).toContain('Did you mean products?')
    },
    patience,
  )
})

describe('every type of field', () => {
  const types = [
    'string',
    'text',
    'int',
    'bigint',
    'decimal',
    'float',
    'bool',
    'date',
    'datetime',
    'uuid',
    'email',
    'url',
    'json',
    'file',
  ]
  const all = [...types, 'enum:a,b', 'enum:a,b=b', 'list:string', 'list:decimal', 'ref:users:cascade', 'ref:products']

  test.each(['', '!'])(
    'generates resources that are right at once, with "%s" at the end',
    async (mark) => {
      const app = copyOf(shop)
      const fields = all.map((type, n) => `f${n}:${type}${type === 'file' ? '' : mark}`)
      const others = [
        'code:string:8:unique!',
        'seen:int:readonly',
        'inner:text:hidden',
        'pin:string:secret',
        'title:string:search:sort',
      ]
      expect(await app.kwik('g', 'resource', 'product-line', ...fields, ...others)).toMatchObject({ code: 0, err: '' })
      expect(await app.types()).toBe('')
      const { err, code } = await app.tests()
      expect(err).toContain(' 0 fail')
      expect(code).toBe(0)
    },
    patience,
  )

  withPostgres.describe('on PostgreSQL', () => {
    test(
      'are right too',
      async () => {
        const app = copyOf(shop)
        const name = `kwik_cli_${Date.now()}`
        await query(`create database ${name}`)
        try {
          const fields = all.map((type, n) => `f${n}:${type}${type === 'file' ? '' : '!'}`)
          expect(await app.kwik('g', 'resource', 'product-line', ...fields)).toMatchObject({ code: 0, err: '' })
          const env = { DATABASE_URL: Object.assign(new URL(postgresUrl), { pathname: `/${name}` }).href }
          const { err, code } = await execute('bun', ['test'], { cwd: app.root, env, patience })
          expect(err).toContain(' 0 fail')
          expect(code).toBe(0)
        } finally {
          await query(`drop database ${name} with (force)`)
        }
      },
      patience,
    )
  })

  test.each(['news', 'person', 'class', 'event'])(
    'a resource may be called %s',
    async (name) => {
      const app = copyOf(fresh)
      expect(await app.kwik('g', 'resource', name, 'title!')).toMatchObject({ code: 0, err: '' })
      expect(await app.types()).toBe('')
      expect((await app.tests()).err).toContain(' 0 fail')
    },
    patience,
  )
})

async function query(text: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl })
  await client.connect()
  try {
    await client.query(text)
  } finally {
    await client.end()
  }
}
