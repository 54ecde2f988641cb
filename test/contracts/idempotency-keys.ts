import { expect } from '#test'
import type { Claim, KeyStore } from '../../plugins/resources/index.ts'

type Run = (name: string, body: (store: KeyStore, pass: (ms: number) => Promise<void>) => Promise<void>) => void

let made = 0
const claimOf = (id: string, more: Partial<Claim> = {}): Claim => ({
  id,
  fingerprint: 'f',
  token: `token-${++made}`,
  ttl: 60_000,
  ...more,
})

/**
 * What every store of idempotency keys holds to. `run` makes an empty store for each test, and lets its time pass.
 */
export function idempotencyKeysContract(run: Run): void {
  run('a key is taken once, by one of many', async (store) => {
    const all = await Promise.all(Array.from({ length: 20 }, () => store.claim(claimOf('a'))))
    expect(all.filter(({ state }) => state === 'taken')).toHaveLength(1)
    expect(all.filter(({ state }) => state === 'running')).toHaveLength(19)
    expect((await store.claim(claimOf('b'))).state).toBe('taken')
  })

  run('a repeat is told the fingerprint that came first', async (store) => {
    await store.claim(claimOf('a', { fingerprint: 'one' }))
    expect(await store.claim(claimOf('a', { fingerprint: 'two' }))).toEqual({ state: 'running', fingerprint: 'one' })
  })

  run('a kept answer comes back as it was, and cannot be given back', async (store) => {
    for (const [at, answer] of ['{"a":1}', '', 'grüße \u{1F43F}', 'x'.repeat(300_000)].entries()) {
      const claim = claimOf(`a${at}`)
      await store.claim(claim)
      await store.keep(claim, answer)
      await store.release(claim)
      expect(await store.claim(claimOf(`a${at}`))).toEqual({ state: 'kept', fingerprint: 'f', answer })
    }
  })

  run('what is done without an answer stays done', async (store) => {
    const claim = claimOf('a')
    await store.claim(claim)
    await store.keep(claim)
    await store.release(claim)
    expect(await store.claim(claimOf('a'))).toEqual({ state: 'done', fingerprint: 'f' })
  })

  run('a key that was given back is free', async (store) => {
    const claim = claimOf('a')
    await store.claim(claim)
    await store.release(claim)
    await store.release(claim)
    expect((await store.claim(claimOf('a'))).state).toBe('taken')
  })

  run('only the request that took a key finishes it', async (store) => {
    await store.claim(claimOf('a'))
    await store.keep(claimOf('a'), 'of another')
    await store.release(claimOf('a'))
    expect((await store.claim(claimOf('a'))).state).toBe('running')
    await store.keep(claimOf('never'), 'of nobody')
    expect((await store.claim(claimOf('never'))).state).toBe('taken')
  })

  run('a key is forgotten after its time, an answer with it', async (store, pass) => {
    const claim = claimOf('a', { ttl: 80 })
    await store.claim(claim)
    await store.keep(claim, 'answer')
    await store.claim(claimOf('b', { ttl: 80 }))
    await pass(150)
    expect((await store.claim(claimOf('a', { fingerprint: 'other' }))).state).toBe('taken')
    expect((await store.claim(claimOf('b'))).state).toBe('taken')
  })
}

/** For stores that write the work's end in its transaction. */
export function transactionalKeysContract(run: Run, lease: number): void {
  run('the end of the work is part of its transaction', async (store) => {
    const claim = claimOf('a')
    await store.claim(claim)
    await store.commit!(claim)
    await store.release(claim)
    expect((await store.claim(claimOf('a'))).state).toBe('done')
  })

  run('a request that died is taken over, and cannot commit any more', async (store, pass) => {
    const first = claimOf('a')
    await store.claim(first)
    expect((await store.claim(claimOf('a'))).state).toBe('running')
    await pass(lease)
    expect((await store.claim(claimOf('a', { fingerprint: 'other' }))).state).toBe('running')
    const second = claimOf('a')
    expect((await store.claim(second)).state).toBe('taken')
    await expect(store.commit!(first)).rejects.toMatchObject({ code: 'KWIK_IDEMPOTENCY_LOST' })
    await store.commit!(second)
    await pass(lease)
    expect((await store.claim(claimOf('a'))).state).toBe('done')
  })
}
