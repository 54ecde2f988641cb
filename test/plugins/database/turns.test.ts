import fc from 'fast-check'
import { expect } from '#test'
import { type Database, defineTable } from '../../../plugins/database/index.ts'
import { both } from '../../services.ts'

const marks = defineTable('marks', (t) => ({ id: t.id(), name: t.string() }))

/** What one flow does: it writes, or runs others in a transaction, one after the other or at once, and may fail at the end. */
interface Act {
  readonly kind: 'write' | 'in turn' | 'at once'
  readonly acts: readonly Act[]
  readonly fails: boolean
  readonly pause: boolean
}
const actOf = (depth: number): fc.Arbitrary<Act> =>
  fc.record({
    kind: depth === 0 ? fc.constant('write' as const) : fc.constantFrom('write', 'in turn', 'at once'),
    acts: depth === 0 ? fc.constant([]) : fc.array(actOf(depth - 1), { maxLength: 3 }),
    fails: fc.boolean(),
    pause: fc.boolean(),
  })

async function perform(db: Database, { kind, acts, fails, pause }: Act, name: string): Promise<void> {
  if (pause) await new Promise((go) => setTimeout(go, 1))
  if (kind === 'write') return void (await db.drizzle.insert(marks.for(db)).values({ name }))
  const one = (inner: Act, i: number): Promise<void> => perform(db, inner, `${name}.${i}`).catch(() => {})
  await db.tx(async () => {
    if (kind === 'at once') await Promise.all(acts.map(one))
    else for (const [i, inner] of acts.entries()) await one(inner, i)
    if (fails) throw new Error('no')
  })
}

/** The rows that must be there afterwards. */
const kept = ({ kind, acts, fails }: Act, name: string): string[] =>
  kind === 'write' ? [name] : fails ? [] : acts.flatMap((inner, i) => kept(inner, `${name}.${i}`))

both('whatever runs at once, exactly the rows of what succeeded stay', [marks], async (db) => {
  await fc.assert(
    fc.asyncProperty(fc.array(actOf(3), { minLength: 1, maxLength: 6 }), async (acts) => {
      await db.execute('delete from marks')
      await Promise.all(acts.map((one, i) => perform(db, one, `${i}`).catch(() => {})))
      const rows = await db.values('select name from marks')
      expect(rows.map(([name]) => String(name)).toSorted()).toEqual(
        acts.flatMap((one, i) => kept(one, `${i}`)).toSorted(),
      )
    }),
    { numRuns: 40 },
  )
})
