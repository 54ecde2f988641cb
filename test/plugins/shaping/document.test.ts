import { Validator } from '@seriousme/openapi-schema-validator'
import { Elysia } from 'elysia'
import { core } from '#core/access'
import { defineTable } from '#core/table/define'
import { describe, expect, test } from '#test'
import { openapi } from '../../../plugins/openapi/index.ts'
import { type AnyShape, many, one, shape, shaping } from '../../../plugins/shaping/index.ts'
import { firmList } from './blog.ts'

interface Parameter {
  readonly name: string
  readonly description: string
  readonly schema: Readonly<Record<string, unknown>>
}

async function parametersOf(list: AnyShape): Promise<{ all: Parameter[]; names: string[]; bytes: number }> {
  const app = new Elysia()
    .use(core())
    .use(shaping())
    .use(openapi())
    .get('/rows', ({ request }) => list.from({ request }).page(), { ...list.hook, public: true })
  const text = await (await app.handle(new Request('http://localhost/openapi/json'))).text()
  expect(await new Validator().validate(JSON.parse(text))).toEqual({ valid: true })
  const all: Parameter[] = JSON.parse(text).paths['/rows'].get.parameters
  return { all, names: all.map(({ name }) => name), bytes: text.length }
}

const people = defineTable('people', (t) => ({
  id: t.int().primaryKey(),
  name: t.string(40),
  firmId: t.int().nullable(),
}))
const personList = shape(people, {
  filter: { name: ['eq', 'in', 'starts'] },
  sort: { keys: ['name', 'firm.name'] },
  relations: { firm: one(firmList, 'firmId', { to: 'id' }) },
})
const papers = defineTable('papers', (t) => ({ id: t.int().primaryKey(), personId: t.int(), pages: t.int() }))
const paperList = shape(papers, {
  filter: { pages: ['gte', 'in'] },
  relations: { person: one(personList, 'personId', { to: 'id' }) },
})

describe('the document of a list', () => {
  test('names each operator, over relations too, and the words that each parameter takes', async () => {
    const { all, names } = await parametersOf(paperList)
    const own = ['pages[gte]', 'pages[in]']
    const over = ['person.name', 'person.name[in]', 'person.name[starts]']
    const further = ['', '[ne]', '[in]', '[nin]', '[contains]', '[starts]', '[ends]']
    expect(names.slice(0, 13)).toEqual([...own, ...over, ...further.map((end) => `person.firm.name${end}`), 'where'])
    const schema = (name: string) => all.find((one) => one.name === name)!.schema
    expect(schema('pages[in]')).toEqual({ type: 'array', items: { type: 'integer' }, minItems: 1 })
    expect(schema('fields')).toEqual({
      type: 'array',
      items: { type: 'string', enum: ['id', 'personId', 'pages', 'person.id', 'person.name', 'person.firmId'] },
    })
    expect(schema('expand')).toMatchObject({ items: { enum: ['person', 'person.firm'] } })
    const { all: ofPeople } = await parametersOf(personList)
    expect(ofPeople.find(({ name }) => name === 'sort')!.schema).toEqual({
      type: 'array',
      items: { type: 'string', enum: ['name', '-name', 'firm.name', '-firm.name'] },
      maxItems: 3,
    })
  })

  test('leaves filters over two relations to a sentence where they would be hundreds', async () => {
    const wide = (name: string) =>
      defineTable(name, (t) => ({
        id: t.int().primaryKey(),
        otherId: t.int(),
        ...Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`f${at}`, at < 5 ? t.string(9) : t.int()])),
      }))
    const filter = Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`f${at}`, true as const]))
    const there: AnyShape = shape(wide('there'), {
      filter: filter as {},
      relations: { back: one((): AnyShape => here, 'otherId', { to: 'id' }) },
    })
    const here: AnyShape = shape(wide('here'), {
      filter: filter as {},
      relations: { one: one(there, 'otherId', { to: 'id' }), all: many(there, 'otherId', { to: 'id' }) },
    })
    const { all, names, bytes } = await parametersOf(here)
    expect(names).toContain('all.none.f9[gte]')
    expect(names.filter((name) => name.includes('.back.'))).toEqual([])
    expect(names.length).toBeLessThan(600)
    expect(bytes).toBeLessThan(100_000)
    expect(all.find(({ name }) => name === 'where')!.description).toContain('over two relations')
  })
})
