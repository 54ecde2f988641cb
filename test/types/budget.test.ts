import { describe, expect, test } from '#test'
import { compile } from './compile.ts'

const modules = 20

/** Routes as an app has them: a list, one row, a creation, a change, a removal. */
const routes: readonly ((path: string) => string)[] = [
  (path) => `.get('${path}', () => [{ id: '1', title: 'x' }], {
    permission: 'posts:read', cache: { ttl: 5, varyOnUser: true }, query: t.Object({ page: t.Number() }) })`,
  (path) => `.get('${path}/:id', ({ params }) => ({ id: params.id, title: 'x' }), {
    permission: 'posts:read', version: { v1: {} }, params: t.Object({ id: t.String() }) })`,
  (path) => `.post('${path}', ({ body, user }) => ({ id: user.id, ...body }), {
    permission: 'posts:create', rateLimit: { limit: 5, seconds: 1 }, body: t.Object({ title: t.String(), price: t.Number() }) })`,
  (path) => `.patch('${path}/:id', ({ body, params, status }) => params.id === '' ? status(404, 'none') : body, {
    permission: 'posts:create', body: t.Partial(t.Object({ title: t.String() })) })`,
  (path) => `.delete('${path}/:id', ({ params }) => params.id, { auth: true })`,
]

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
  files[`${name}/platform`] = `import { makePlatform } from '../../../test/fixtures/platform.ts'
export const platform = makePlatform()`
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

async function instantiations(count: number): Promise<number> {
  const verdicts = Object.values(await compile(program(count)))
  expect(verdicts.map(({ messages }) => messages).filter((messages) => messages !== '')).toEqual([])
  return verdicts[0]!.counts['Instantiations']!
}

describe('200 routes in 20 modules with an Eden client', () => {
  test('stay within the budget of the type checker', async () => {
    const half = await instantiations(100)
    const all = await instantiations(200)
    expect(all).toBeLessThanOrEqual(800_000)
    expect((all - half) / 100).toBeLessThanOrEqual(3500)
  }, 60_000)
})
