import { Elysia, t } from 'elysia'
import { core } from '#core/access'
import { keyValues } from '#core/otlp/json'
import { expect, test } from '#test'

test('a number that is none is told as one, also where it is written as a text', async () => {
  const quiet = { debug() {}, info() {}, warning() {}, error() {} }
  const n = t.Number({ minimum: 1 })
  const app = new Elysia()
    .use(core({ signals: false, logger: quiet }))
    .get('/q', ({ query }) => query, {
      public: true,
      query: t.Object({ n, maybe: t.Optional(t.Nullable(t.Number())) }),
    })
    .get('/p/:n', ({ params }) => params, { public: true, params: t.Object({ n }) } as never)
  const told = async (path: string) => {
    const answer = await app.handle(new Request(`http://localhost${path}`))
    const { errors } = (await answer.json()) as { errors: { code: string; detail: string; parameter?: string }[] }
    return [answer.status, ...errors.map(({ code, detail, parameter }) => `${parameter}: ${code}, ${detail}`)]
  }
  expect(await told('/q?n=x')).toEqual([400, 'n: wrong-type, expected number'])
  expect(await told('/q?n=2&maybe=x')).toEqual([400, 'maybe: wrong-type, expected number'])
  expect(await told('/p/x')).toEqual([422, 'n: wrong-type, expected number'])
  // Of a text that is a number, but not one of these, Elysia does not say whose it is.
  for (const path of ['/q?n=1e400', '/p/0'])
    expect(await told(path)).toEqual([422, 'undefined: invalid, a number is too large, too small, or none'])
})

test('nothing is no text in what is exported', () => {
  expect(keyValues({ nothing: null, left: undefined, some: 0.5 })).toEqual([
    { key: 'nothing', value: {} },
    { key: 'some', value: { doubleValue: 0.5 } },
  ])
})
