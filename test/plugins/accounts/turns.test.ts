import { setImmediate } from 'node:timers'
import { expect, test } from '#test'
import { Turns } from '../../../plugins/accounts/turns.ts'

test('of many that come at once one begins in each turn of the event loop, in their order', async () => {
  const turns = new Turns()
  const begun: number[] = []
  const all = Promise.all(Array.from({ length: 20 }, (_, at) => turns.next().then(() => void begun.push(at))))
  expect(begun).toEqual([])
  for (let turn = 1; turn <= 10; turn++) {
    const before = begun.length
    await new Promise<void>((go) => setImmediate(go))
    expect(begun.length - before).toBeLessThanOrEqual(1)
  }
  await all
  expect(begun).toEqual(Array.from({ length: 20 }, (_, at) => at))
})
