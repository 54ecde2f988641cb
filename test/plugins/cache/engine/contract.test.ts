import { describe, test } from '#test'
import { memoryEngine } from '../../../../plugins/cache/engine/index.ts'
import { cacheEngineContract } from '../../../contracts/cache-engine.ts'
import { withRedis } from '../../../services.ts'
import { withMembers } from './benches.ts'

const travelling = () => {
  const clock = { at: 1_000_000, now: () => clock.at }
  return clock
}

describe('an engine in memory', () => {
  cacheEngineContract(test, async (terms, run) => {
    const clock = travelling()
    const engine = memoryEngine({ ...terms, clock })
    await run({ one: engine, two: engine, clock })
    await engine.close()
  })
})

withRedis.describe('an engine over Redis', () => {
  cacheEngineContract(test, (terms, run) => {
    const clock = travelling()
    return withMembers(1, { ...terms, clock }, ({ engine }) => run({ one: engine, two: engine, clock }))
  })
})

withRedis.describe('two engines over one Redis', () => {
  cacheEngineContract(test, (terms, run) => {
    const clock = travelling()
    return withMembers(2, { ...terms, clock }, (one, two) => run({ one: one.engine, two: two.engine, clock }))
  })
})
