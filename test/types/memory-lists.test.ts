import { expect, test } from '#test'
import { compile } from './compile.ts'
import type { Mistake } from './mistakes.ts'
import { describeMistakes } from './snapshot.ts'

const declared = `import { Type as T } from '@sinclair/typebox'
import { treaty } from '@elysiajs/eden'
import { Elysia } from 'elysia'
import { one, shape, shaping } from '../../plugins/shaping/index.ts'
const Region = T.Object({ id: T.Integer(), name: T.String() })
const Country = T.Object({
  code: T.String(), name: T.String(), people: T.Integer(), kind: T.Union([T.Literal('island'), T.Literal('land')]),
  gdp: T.Union([T.Number(), T.Null()]), tags: T.Array(T.String()), secret: T.Optional(T.String()), regionId: T.Integer(),
})
`
const client = `const regions = shape.memory(Region, [], { filter: { name: true }, sort: { keys: ['name'] } })
const list = shape.memory(Country, [], {
  key: 'code', filter: { name: ['contains'], people: ['gte'], kind: true, gdp: true, tags: true },
  sort: { keys: ['people', 'region.name'], default: '-people' }, count: ['exact'],
  fields: { default: ['code', 'name'], hidden: ['secret'] }, relations: { region: one(regions, 'regionId') },
})
const app = new Elysia().use(shaping()).get('/countries', ({ request }) => list.from({ request }).page(), list.hook)
const api = treaty(app)
`
const made = (declaration: string): string => `${declared}shape.memory(Country, [], { key: 'code', ${declaration} })\n`
const asked = (query: string): string => `${declared}${client}api.countries.get({ query: ${query} })\n`

const memoryMistakes: Readonly<Record<string, Mistake>> = {
  'memory-filter-field': { source: made(`filter: { nmae: true }`), wrong: 'true', allowed: ['code', 'name', 'people'] },
  'memory-operator': { source: made(`filter: { people: ['contains'] }`), wrong: 'contains', allowed: ['gte', 'lte'] },
  'memory-sort-key': { source: made(`sort: { keys: ['poeple'] }`), wrong: 'poeple', allowed: ['people'] },
  'memory-key': {
    source: `${declared}shape.memory(Country, [], { key: 'id' })\n`,
    wrong: 'id',
    allowed: ['code', 'name'],
  },
  'memory-scope': { source: made(`scope: () => (row) => row.peple > 1`), wrong: 'peple', allowed: ['people'] },
  'memory-client-operator': { source: asked(`{ 'people[lte]': 1 }`), wrong: 'people[lte]', allowed: [] },
  'memory-client-enum': { source: asked(`{ kind: 'sea' }`), wrong: 'sea', allowed: ['island', 'land'] },
  'memory-client-sort-key': { source: asked(`{ sort: '-name' }`), wrong: '-name', allowed: ['people'] },
  'memory-client-hidden-field': { source: asked(`{ fields: 'secret' }`), wrong: 'secret', allowed: ['code', 'name'] },
}

await describeMistakes('the compiler names the wrong word of a list in memory and the right ones:', memoryMistakes)

test('a list in memory and its client that are right compile without a word', async () => {
  const { right } = await compile({
    right: `${declared}${client}
const { data } = await api.countries.get({
  query: {
    kind: 'island', 'kind[in]': ['island', 'land'], 'people[gte]': 5, 'gdp[null]': true, 'name[contains]': 'land',
    'tags[has]': 'eu', 'region.name[contains]': 'west', sort: ['-people', 'region.name'], expand: 'region', limit: 5,
    count: 'exact', after: 'x',
  },
})
export const rows: { code: string; name: string; gdp?: number | null; region?: { name?: string } | null }[] = data!.data
export const all: { code: string }[] = await list.from({ request: new Request('http://x/') }).all({ where: { kind: 'land' } })
export const one_: string = (await list.ask({ 'people[gte]': 1 })).data[0]!.code
shape.memory(Country, async () => [], { key: ['code', 'name'], scope: ({ user }) => (user ? undefined : (row) => row.people > 1) })`,
  })
  expect(right.messages).toBe('')
})
