import process from 'node:process'
import fc from 'fast-check'

/** `KWIK_LONG=1` runs properties twenty times as often, and what takes minutes at all. */
export const long: boolean = process.env['KWIK_LONG'] === '1'

const given: string | undefined = process.env['KWIK_SEED']
const seed: number = given === undefined ? Math.trunc(Math.random() * 2 ** 31) : Number(given)

/** Checks a property of random values; what fails is told with the seed that finds it again. */
export async function property<T>(
  some: fc.Arbitrary<T>,
  runs: number,
  holds: (one: T) => Promise<void> | void,
): Promise<void> {
  try {
    await fc.assert(
      fc.asyncProperty(some, async (one) => holds(one)),
      { numRuns: long ? runs * 20 : runs, seed },
    )
  } catch (error) {
    throw new Error(`KWIK_SEED=${seed} finds this again\n${(error as Error).message}`, { cause: error })
  }
}

/** Milliseconds for a test of properties. */
export const patience: number = long ? 3_600_000 : 60_000
