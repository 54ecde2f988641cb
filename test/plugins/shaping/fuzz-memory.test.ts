import process from 'node:process'
import { expect, test } from '#test'
import { long, patience } from './property.ts'

const megabyte = 1_048_576
const [first, all] = long ? [10_000, 100_000] : [4000, 12_000]

test(
  `${all} random queries hold no more memory than the first ${first}`,
  async () => {
    const child = Bun.spawn([process.execPath, `${import.meta.dir}/fuzzing.ts`, String(first), String(all)], {
      stderr: 'pipe',
      // Machine code of the compiler comes and goes by 20 MB and more, and settles late: interpreted, only what is held counts.
      env: { ...process.env, BUN_JSC_useJIT: '0' },
    })
    const [told, said] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
    expect([await child.exited, said]).toEqual([0, ''])
    const [early, late] = JSON.parse(told) as { heap: number; rss: number }[]
    expect(late!.heap - early!.heap).toBeLessThan(20 * megabyte)
    expect(late!.rss - early!.rss).toBeLessThan(20 * megabyte)
  },
  patience,
)
