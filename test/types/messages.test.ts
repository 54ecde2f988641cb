import { expect, test } from '#test'
import { compile } from './compile.ts'
import { platformMistakes, routeMistakes } from './mistakes.ts'
import { describeMistakes } from './snapshot.ts'

await describeMistakes('the compiler names the wrong word and the right ones:', routeMistakes)
await describeMistakes('with the whole platform too:', platformMistakes)

test('a program without a mistake compiles without a word', async () => {
  const { right } = await compile({
    right: `import { Elysia, t } from 'elysia'
import { makePlatform } from '../../test/fixtures/platform.ts'
new Elysia().use(makePlatform()).post('/posts', ({ body, user }) => body.title + user.id, {
  permission: 'posts:create', cache: { ttl: 5 }, version: { v1: {} }, body: t.Object({ title: t.String() }),
})`,
  })
  expect(right.messages).toBe('')
})
