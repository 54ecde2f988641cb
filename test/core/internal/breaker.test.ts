import { makeBreaker } from '#core/internal/breaker'
import { expect, test } from '#test'

const make = () => {
  let time = 0
  const breaker = makeBreaker({ failures: 2, pause: 500, longestPause: 2000, now: () => time })
  return { breaker, pass: (ms: number) => (time += ms) }
}

test('a breaker opens after failures in a row, not after single ones', () => {
  const { breaker } = make()
  breaker.failed()
  breaker.succeeded()
  breaker.failed()
  expect(breaker.mayTry()).toBe(true)
  breaker.failed()
  expect(breaker.mayTry()).toBe(false)
})

test('after the pause one caller tries, and each failure doubles the pause up to the longest', () => {
  const { breaker, pass } = make()
  breaker.failed()
  breaker.failed()
  for (const pause of [500, 1000, 2000, 2000]) {
    pass(pause - 1)
    expect(breaker.mayTry()).toBe(false)
    pass(1)
    expect([breaker.mayTry(), breaker.mayTry(), breaker.mayTry()]).toEqual([true, false, false])
    breaker.failed()
  }
})

test('one good probe closes it', () => {
  const { breaker, pass } = make()
  breaker.failed()
  breaker.failed()
  pass(500)
  breaker.mayTry()
  breaker.succeeded()
  expect([breaker.mayTry(), breaker.mayTry()]).toEqual([true, true])
})

test('late news of calls from before it opened changes nothing', () => {
  const { breaker } = make()
  expect([breaker.failed(), breaker.failed(), breaker.failed()]).toEqual([0, 1, 1])
  breaker.succeeded()
  expect(breaker.mayTry()).toBe(false)
})
