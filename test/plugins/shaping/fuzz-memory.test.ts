import process from 'node:process'
import { expect, test } from '#test'
import { long, patience } from './property.ts'

const megabyte = 1_048_576
const [first, all] = long ? [10_000, 100_000] : [4000, 12_000]

interface Grown {
  readonly heap: number
  readonly rss: number
}

/** Megabytes that are held after all queries, more than after the first. */
async function grown(env: Readonly<Record<string, string>>): Promise<Grown> {
  const child = Bun.spawn([process.execPath, `${import.meta.dir}/fuzzing.ts`, String(first), String(all)], {
    stderr: 'pipe',
    env: { ...process.env, ...env },
  })
  const [told, said] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  expect([await child.exited, said]).toEqual([0, ''])
  const [early, late] = JSON.parse(told) as [Grown, Grown]
  return { heap: (late.heap - early.heap) / megabyte, rss: (late.rss - early.rss) / megabyte }
}

test(
  `${all} random queries hold no more memory than the first ${first}`,
  async () => {
    // What the compiler keeps of code comes late, to 15 to 30 MB in all: interpreted, only what the program holds counts.
    const { heap, rss } = await grown({ BUN_JSC_useJIT: '0' })
    expect(Math.max(heap, rss)).toBeLessThan(20)
  },
  patience,
)

test(
  `${all} random queries hold no more objects than the first ${first}, compiled`,
  async () => {
    expect((await grown({})).heap).toBeLessThan(20)
  },
  patience,
)
