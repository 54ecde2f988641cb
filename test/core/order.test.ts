import fc from 'fast-check'
import { expect, test } from '#test'
import { type Arrangement, arrange, arrangements } from '../fixtures/arrangement.ts'
import { type Ask, talkTo } from '../fixtures/ask.ts'
import { request } from '../fixtures/platform.ts'

const gate = ['step.admit', 'step.identify', 'step.throttle', 'step.authorize']
const end = ['step.respond', 'step.close']
const v1 = { accept: 'application/vnd.kwik.v1+json' }

/** The status, once the answer has come to its end. */
const statusOf = async (answer: Response): Promise<number> => {
  await answer.arrayBuffer()
  return answer.status
}
const isStep = (line: string): boolean => line.startsWith('step.')
/** The lines without what differs from caller to caller. */
const plain = (log: readonly string[]): string[] => log.map((line) => line.split(' ')[0]!)

/** Runs one request and gives back the lines it wrote. */
async function linesOf(log: string[], run: () => Promise<void>): Promise<string[]> {
  log.length = 0
  await run()
  return [...log]
}

/** Whoever is refused by the gate is refused before anything of the app ran and before the body was read. */
async function refusesEarly(ask: Ask, log: string[], { way }: Arrangement): Promise<void> {
  const unread = request('POST', '/p', undefined, '{')
  const refusals = [
    [unread, 401],
    [request('POST', '/p', undefined, '{"a":1}'), 401],
    [request('POST', '/p', 'bob', '{"a":1}'), 403],
    [request('GET', '/p'), 401],
    [request('GET', '/p', 'bob'), 403],
  ] as const
  for (const [asked, status] of refusals) {
    const lines = await linesOf(log, async () => expect(await statusOf(await ask(asked))).toBe(status))
    // Which of its guards refuses is the plugins' affair; that nothing else ran is the gate's.
    expect(plain(lines).filter((line) => !gate.includes(line))).toEqual(end)
    expect(plain(lines).slice(0, 3)).toEqual(gate.slice(0, 3))
  }
  if (way === 'handle') expect(unread.bodyUsed).toBe(false)
}

/** A bad body of somebody who may is told apart, and the handler never runs. */
async function refusesBadBodies(ask: Ask, log: string[]): Promise<void> {
  for (const [body, status] of [
    ['{', 400],
    ['{"a":1}', 422],
  ] as const) {
    const lines = await linesOf(log, async () =>
      expect(await statusOf(await ask(request('POST', '/p', 'admin', body)))).toBe(status),
    )
    expect(lines).not.toContain('handler')
    expect(lines.slice(-2)).toEqual(end)
  }
}

/** An old body is lifted before users' hooks and the schema see it; the answer is lowered after users' hooks saw it. */
async function liftsAndLowers(ask: Ask, log: string[], { before, after, local }: Arrangement): Promise<void> {
  const lines = await linesOf(log, async () => {
    const answer = await ask(request('POST', '/p', 'admin', '{"name":"x"}', v1))
    expect([answer.status, await answer.json()]).toEqual([200, { title: 'x', old: true }])
  })
  expect(plain(lines).filter(isStep)).toEqual([
    ...gate,
    'step.upgrade',
    'step.load',
    'step.idempotency',
    'step.replay',
    'step.downgrade',
    ...end,
  ])
  const transforms = lines.filter((line) => line.includes('ransform'))
  expect(transforms.every((line) => line.endsWith(' title'))).toBe(true)
  expect(transforms).toHaveLength([...before, ...after, ...local].filter((kind) => kind.endsWith('ransform')).length)
  expectBetween(plain(lines), 'Parse', 'step.authorize', 'step.upgrade')
  expectBetween(plain(lines), 'mapResponse', 'handler', 'step.downgrade', [...before, ...after])
}

/** Users' hooks stand between the moments of the phases. */
async function keepsOrder(ask: Ask, log: string[], { before, after, local }: Arrangement): Promise<string[]> {
  const lines = await linesOf(log, async () => {
    const answer = await ask(request('GET', '/p', 'admin'))
    expect([answer.status, await answer.text(), answer.headers.get('x-cache')]).toEqual([200, '{"n":1}', null])
  })
  expect(lines).toContain('step.throttle admin')
  const order = plain(lines)
  expect(order.filter(isStep)).toEqual([
    ...gate,
    'step.upgrade',
    'step.load',
    'step.idempotency',
    'step.replay',
    'step.downgrade',
    ...end,
  ])
  expect(order.slice(0, 4)).toEqual(gate)
  expect(order.slice(order.indexOf('handler') - 2, order.indexOf('handler'))).toEqual([
    'step.idempotency',
    'step.replay',
  ])
  const kinds = [...before, ...after, ...local]
  for (const hook of ['ransform', 'derive']) expectBetween(order, hook, 'step.upgrade', 'step.load', kinds)
  for (const hook of ['eforeHandle', 'resolve']) expectBetween(order, hook, 'step.load', 'step.idempotency', kinds)
  expect(order.slice(-2)).toEqual(end)
  return order
}

/** What is in the cache is served after all checks and users' hooks, and in place of the handler. */
async function replaysLast(ask: Ask, log: string[], first: readonly string[]): Promise<void> {
  const lines = await linesOf(log, async () => {
    const answer = await ask(request('GET', '/p', 'admin'))
    expect([answer.status, await answer.text(), answer.headers.get('x-cache')]).toEqual([200, '{"n":1}', 'hit'])
  })
  const until = first.slice(0, first.indexOf('step.idempotency') + 1)
  expect(plain(lines).slice(0, until.length)).toEqual(until)
  expect(lines).not.toContain('handler')
  const old = await ask(request('GET', '/p', 'admin', undefined, v1))
  expect([await old.json(), old.headers.get('x-cache')]).toEqual([{ n: 1, old: true }, null])
}

/** What no route answers passes through the outer phases all the same. */
async function closesWhatIsMissing(ask: Ask, log: string[]): Promise<void> {
  for (const [method, path, status] of [
    ['PUT', '/p', 405],
    ['GET', '/none', 404],
  ] as const) {
    const lines = await linesOf(log, async () => {
      const answer = await ask(request(method, path))
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(await statusOf(answer)).toBe(status)
    })
    expect(lines.filter(isStep)).toEqual(['step.admit', ...end])
  }
}

function expectBetween(
  lines: readonly string[],
  hook: string,
  from: string,
  until: string,
  expected: readonly string[] = [],
): void {
  const places = lines.flatMap((line, at) => (!isStep(line) && line.includes(hook) ? [at] : []))
  expect(places.filter((at) => at < lines.indexOf(from) || at > lines.indexOf(until))).toEqual([])
  expect(places.length).toBeGreaterThanOrEqual(expected.filter((kind) => kind.includes(hook)).length)
}

test('whatever the order things are written in, a request walks through the phases in theirs', async () => {
  const property = fc.asyncProperty(arrangements, async (arrangement) => {
    const log: string[] = []
    await talkTo(arrange(arrangement, log), arrangement.way, async (ask) => {
      await refusesEarly(ask, log, arrangement)
      await refusesBadBodies(ask, log)
      await liftsAndLowers(ask, log, arrangement)
      const first = await keepsOrder(ask, log, arrangement)
      await replaysLast(ask, log, first)
      await closesWhatIsMissing(ask, log)
    })
  })
  const runs = Number(process.env['RUNS'] ?? 300)
  const seed = Number(process.env['SEED'] ?? 7)
  await fc.assert(property, { numRuns: runs, seed, endOnFailure: process.env['SHRINK'] === 'no' })
}, 120_000)
