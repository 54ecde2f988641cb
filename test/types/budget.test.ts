import { describe, expect, test } from '#test'
import { compile } from './compile.ts'

const modules = 20

/** Routes as an app has them: a list, one row, a creation, a change, a removal. */
const routes: readonly ((path: string) => string)[] = [
  (path) => `.get('${path}', () => [{ id: '1', title: 'x' }], {
    permission: 'posts:read', rateLimit: { limit: 60, per: '1m' }, query: t.Object({ page: t.Number() }) })`,
  (path) => `.get('${path}/:id', ({ params }) => ({ id: params.id, title: 'x' }), {
    permission: 'posts:read', responseHeaders: { 'x-frame-options': 'DENY' }, params: t.Object({ id: t.String() }) })`,
  (path) => `.post('${path}', ({ body, user }) => ({ owner: user.id, ...body }), {
    permission: 'posts:create', transaction: true, body: t.Object({ title: t.String(), price: t.Number() }) })`,
  (path) => `.patch('${path}/:id', ({ body, params, status }) => params.id === '' ? status(404, 'none') : body, {
    permission: { any: ['posts:create', 'posts:read'] }, bodyLimit: 1000, body: t.Partial(t.Object({ title: t.String() })) })`,
  (path) => `.delete('${path}/:id', ({ params }) => params.id, { auth: true, timeout: '2s' })`,
]

const platform = `import { kwik } from 'kwik'
import { accountsService } from 'kwik/accounts'
import { openDatabase } from 'kwik/database'
const database = openDatabase({ url: 'sqlite::memory:' })
export const platform = kwik({
  database, accounts: accountsService(database), tokens: { secret: '' }, permissions: ['posts:read', 'posts:create'],
  rateLimit: {}, openapi: {},
})`

/** An app of that many routes in 20 modules, with an Eden client that calls one route of each. */
function program(count: number): Record<string, string> {
  const files: Record<string, string> = {}
  const name = `app${count}`
  for (let at = 0; at < modules; at++) {
    const chain = Array.from({ length: count / modules }, (_, i) =>
      routes[i % routes.length]!(`/part${Math.floor(i / routes.length)}`),
    )
    files[`${name}/module${at}`] = `import { Elysia, t } from 'elysia'
import { platform } from './platform.ts'
export const module${at} = new Elysia({ prefix: '/m${at}' }).use(platform)${chain.join('\n')}`
  }
  files[`${name}/platform`] = platform
  const all = Array.from({ length: modules }, (_, at) => at)
  files[`${name}/main`] = `import { treaty } from '@elysiajs/eden'
import { Elysia } from 'elysia'
import { platform } from './platform.ts'
${all.map((at) => `import { module${at} } from './module${at}.ts'`).join('\n')}
const app = new Elysia().use(platform)${all.map((at) => `.use(module${at})`).join('')}
const api = treaty<typeof app>('localhost')
${all.map((at) => `const title${at}: string | undefined = (await api.m${at}.part0.get({ query: { page: 1 } })).data?.[0]?.title`).join('\n')}
console.log(${all.map((at) => `title${at}`).join(', ')})`
  return files
}

async function instantiations(files: Record<string, string>): Promise<number> {
  const verdicts = Object.values(await compile(files))
  expect(verdicts.map(({ messages }) => messages).filter((messages) => messages !== '')).toEqual([])
  return verdicts[0]!.counts['Instantiations']!
}

describe('200 routes in 20 modules with an Eden client', () => {
  test('stay within the budget of the type checker', async () => {
    // Here Kwik is checked from its source; an app reads its declarations.
    const own = await instantiations({ own: `${platform}\nimport '@elysiajs/eden'` })
    const half = await instantiations(program(100))
    const all = await instantiations(program(200))
    expect(all - own).toBeLessThanOrEqual(800_000)
    expect((all - half) / 100).toBeLessThanOrEqual(3500)
  }, 60_000)
})
