#!/usr/bin/env bun
/**
 * What 500 sign-ins at once do to another route of the same process: `bun test/performance/logins.ts [sign-ins] [rounds]`.
 * The goal: the other route's p99 meanwhile is at most five times its p99 before, in the same run. Who signs in and who
 * watches are processes of their own: neither waits for the other's answers. A first round is not counted: the compiler of a
 * server that has just begun is busy with its code.
 */
import { join } from 'node:path'
import { announced } from './announced.ts'

const [logins = 500, rounds = 3] = process.argv.slice(2).map(Number)

/** Milliseconds of the answers of another route. */
interface Watched {
  readonly times: readonly number[]
}
interface SignedIn {
  readonly right: number
  readonly refused: number
  readonly other: number
  readonly ms: number
}

async function client<T>(...words: readonly string[]): Promise<T> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'logins-client.ts'), ...words], {
    stdout: 'pipe',
    stderr: 'inherit',
  })
  return JSON.parse(await new Response(child.stdout).text()) as T
}

const part = (times: readonly number[], of: number): number =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * of))] ?? Number.NaN
const shown = (ms: number): string => `${ms.toFixed(1)} ms`

// On all processors, as in production: those that hash are threads of the same process.
const child = Bun.spawn([process.execPath, '--no-env-file', join(import.meta.dir, 'servers/logins.ts')], {
  env: { ...process.env, NODE_ENV: 'production', KWIK_BENCH_USERS: String(logins) },
  stdout: 'ignore',
  stderr: 'pipe',
})
try {
  const base = `http://127.0.0.1:${await announced(child.stderr, 'logins')}`
  await client('watch', base, '1000')
  for (let round = 0; round <= rounds; round++) {
    const idle = await client<Watched>('watch', base, '4000')
    const busy = client<Watched>('watch', base, '4000')
    await Bun.sleep(500)
    const { right, refused, other, ms } = await client<SignedIn>('login', base, String(logins))
    const during = await busy
    const crowd = client<Watched>('watch', base, '4000')
    await Bun.sleep(500)
    await client('burst', base, String(logins))
    const crowded = await crowd
    const ratio = part(during.times, 0.99) / part(idle.times, 0.99)
    console.log(
      `${round === 0 ? 'first, not counted' : `round ${round}`}: ${right} signed in, ${refused} told to come back, ${other} others, in ${shown(ms)}; other route p99 ${shown(part(idle.times, 0.99))} idle, ${shown(part(during.times, 0.99))} meanwhile (median ${shown(part(idle.times, 0.5))}, ${shown(part(during.times, 0.5))})`,
    )
    console.log(`  as many requests at once that sign nobody in: p99 ${shown(part(crowded.times, 0.99))}`)
    if (round > 0) console.log(`goal logins ${ratio.toFixed(2)} <= 5.00 ${ratio <= 5 ? 'ok' : 'short'}`)
  }
} finally {
  child.kill('SIGKILL')
  await child.exited
}
