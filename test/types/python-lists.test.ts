import { expect, test } from '#test'
import { compile } from './compile.ts'
import type { Mistake } from './mistakes.ts'
import { describeMistakes } from './snapshot.ts'

const program = `import { treaty } from '@elysiajs/eden'
import { Elysia } from 'elysia'
import { defineTable } from '#core/table/define'
import { shape, shaping } from '../../plugins/shaping/index.ts'
const users = defineTable('users', (t) => ({ id: t.id(), firstName: t.string(40), score: t.int(), createdAt: t.datetime() }))
const list = shape(users, {
  filter: { firstName: true, score: ['gte'] }, sort: { keys: ['createdAt', 'score'] }, compat: 'python',
})
const own = shape(users, { filter: { firstName: true } })
const app = new Elysia().use(shaping())
  .get('/users', ({ request }) => list.from({ request }).page(), list.hook)
  .get('/own', ({ request }) => own.from({ request }).page(), own.hook)
const api = treaty(app)
`
const asked = (query: string): string => `${program}api.users.get({ query: ${query} })\n`

const pythonMistakes: Readonly<Record<string, Mistake>> = {
  'python-sorting': { source: asked(`{ sorting: 'first_name:asc' }`), wrong: 'first_name', allowed: ['created_at'] },
  'python-direction': { source: asked(`{ sorting: 'score:down' }`), wrong: 'down', allowed: ['score:desc'] },
  'python-filter-key': {
    source: asked(`{ filter_key: 'score', value: 5 }`),
    wrong: 'score',
    allowed: ['firstName', 'first_name'],
  },
  'python-word-of-another-list': {
    source: `${program}api.own.get({ query: { skip: 1 } })\n`,
    wrong: 'skip',
    allowed: [],
  },
}

await describeMistakes('the compiler names the wrong word of the Python API and the right ones:', pythonMistakes)

test('clients of the Python API are typed in its words', async () => {
  const { right } = await compile({
    right: `${program}
const { data } = await api.users.get({
  query: { skip: 10, limit: 5, sorting: 'created_at:desc', filter_key: 'first_name', value: 'Ann', 'score[gte]': 3 },
})
export const total: number | undefined = data!.total
export const names: string[] = data!.data.map((row) => row.firstName)
export const next: string | undefined = data!.page.next
void api.users.get({ query: { sorting: 'createdAt,score:asc', filter_key: 'firstName', value: true } })`,
  })
  expect(right.messages).toBe('')
})
