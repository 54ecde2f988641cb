import { readdirSync } from 'node:fs'
import { availableParallelism, getPriority } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from '#test'
import { HashingThreads } from '../../../plugins/accounts/adapters/hashing-threads.ts'

/** Says which thread it is, and ends in the middle of `die`. */
const program = `
  const { parentPort, threadId } = require('node:worker_threads')
  parentPort.on('message', ({ password }) => {
    if (password === 'die') process.exit(1)
    else parentPort.postMessage({ result: 'thread ' + threadId })
  })`
const many = 12

describe('passwords that are hashed in threads', () => {
  test('are judged as Bun judges them', async () => {
    const threads = new HashingThreads()
    const hash = String(await threads.do({ password: 'right' }))
    expect(hash).toStartWith('$argon2id$v=19$m=19456,t=2,p=1$')
    const words = Array.from({ length: many }, (_, at) => (at % 3 === 0 ? 'right' : `wrong ${at}`))
    const answers = await Promise.all(words.map((password) => threads.do({ password, hash })))
    expect(answers).toEqual(words.map((word) => word === 'right'))
    await expect(threads.do({ password: 'right', hash: '$argon2id$broken' })).rejects.toThrow('verification failed')
    expect(await threads.do({ password: 'right', hash })).toBe(true)
  })

  test.skipIf(process.platform !== 'linux')('stand behind the thread that answers requests', async () => {
    await new HashingThreads().do({ password: 'right' })
    const priorities = readdirSync('/proc/self/task').map((thread) => getPriority(Number(thread)))
    expect(getPriority(process.pid)).toBe(0)
    expect(priorities).toContain(10)
  })

  test('have as many threads as there are cores, but one', async () => {
    const threads = new HashingThreads(program)
    const by = await Promise.all(Array.from({ length: many }, () => threads.do({ password: 'any' })))
    expect(new Set(by).size).toBe(Math.min(many, Math.max(1, availableParallelism() - 1)))
  })

  test('are not lost with a thread, and another begins', async () => {
    const threads = new HashingThreads(program)
    const before = await threads.do({ password: 'any' })
    const [dead, ...others] = await Promise.all(
      ['die', ...Array(many).fill('any')].map((password) => threads.do({ password })),
    )
    expect(dead).toStartWith('$argon2id$')
    expect(others).toHaveLength(many)
    const after = await threads.do({ password: 'any' })
    expect(after).toStartWith('thread ')
    if (availableParallelism() <= 2) expect(after).not.toBe(before)
  })

  test('are hashed without threads where there can be none', async () => {
    const threads = new HashingThreads('throw new Error("no thread")')
    const hashes = await Promise.all(Array.from({ length: 3 }, () => threads.do({ password: 'right' })))
    for (const hash of hashes) expect(await threads.do({ password: 'right', hash: String(hash) })).toBe(true)
    await expect(threads.do({ password: 'right', hash: '$argon2id$broken' })).rejects.toThrow('verification failed')
  })

  test('keep a process until it has its answers, and no longer', async () => {
    const at = pathToFileURL(join(import.meta.dir, '../../../plugins/accounts/adapters/bun-hashing.ts'))
    const source = `const { bunHashing } = await import('${at}')
      console.log(await bunHashing.verify('right', await bunHashing.hash('right')))`
    const child = Bun.spawn([process.execPath, '-e', source], { stdout: 'pipe', stderr: 'pipe', timeout: 20_000 })
    expect([await new Response(child.stdout).text(), await child.exited]).toEqual(['true\n', 0])
  })
})
