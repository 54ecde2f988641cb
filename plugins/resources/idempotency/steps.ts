import { refuse as refuseByCore } from '#core/errors'
import type { Steps } from '#core/phases'
import { RedisUnavailable } from '#core/ports/redis'
import { ProblemError } from '#core/problem'
import { type Scope, type Slot, slot } from '#core/scope'
import { refuse } from '../errors.ts'
import { grantedTo, replayed } from './answer.ts'
import { type Asked, asked, digestOf } from './fingerprint.ts'
import { idOf, keyIn } from './key-header.ts'
import type { Claim, Taken } from './key-store.ts'
import type { ResolvedIdempotencyOptions, RouteRules } from './options.ts'
import { insist, watchAnswer } from './outcome.ts'

interface Sent {
  readonly key: string
  readonly asked: Asked
}

/** The key is read before the body is checked, and taken when nothing stands between the request and its handler. */
export function stepsOf({ store, tenant }: ResolvedIdempotencyOptions, rules: RouteRules): Steps {
  const sent: Slot<Sent> = slot('idempotency key')
  return {
    upgrade: (scope, body) => {
      const key = keyIn(scope.request.headers)
      if (key instanceof ProblemError) throw key
      if (key !== undefined) scope.set(sent, { key, asked: asked(scope, body) })
      else if (rules.required) throw missing()
      return body
    },
    replay: async (scope: Scope) => {
      const given = scope.get(sent)
      if (given === undefined) return
      const claim: Claim = {
        id: idOf(given.key, scope, tenant(scope.request)),
        fingerprint: await digestOf(given.asked),
        token: crypto.randomUUID(),
        ttl: rules.ttl,
      }
      let taken: Taken
      try {
        taken = await store.claim(claim)
      } catch (error) {
        // It may have been taken all the same, and nobody works under it.
        if (error instanceof RedisUnavailable) insist(scope, () => store.release(claim))
        throw error
      }
      if (taken.state === 'taken') {
        watchAnswer(scope, store, claim, rules)
        // Nobody waits any more: what did not begin shall not.
        if (scope.late) throw refuseByCore('KWIK_TIMEOUT')
        return
      }
      if (taken.fingerprint !== claim.fingerprint) return mismatch(given.key)
      if (taken.state === 'running') return running(given.key)
      const answer = taken.state === 'done' ? undefined : replayed(taken.answer, grantedTo(scope))
      return answer ?? notKept(given.key)
    },
  }
}

const missing = (): ProblemError =>
  refuse('KWIK_IDEMPOTENCY_KEY', {
    detail: 'Send an Idempotency-Key, such as a UUID that is new for each thing to do.',
    errors: [{ code: 'required', parameter: 'Idempotency-Key', detail: 'Idempotency-Key is required' }],
  })

const mismatch = (key: string): ProblemError =>
  refuse('KWIK_IDEMPOTENCY_MISMATCH', {
    detail: `The key "${key}" came with another request before: send a new key for another thing to do.`,
    errors: [{ code: 'reused', parameter: 'Idempotency-Key', detail: 'came with another body or path before' }],
  })

const running = (key: string): ProblemError =>
  refuse(
    'KWIK_IDEMPOTENCY_RUNNING',
    { detail: `The request with the key "${key}" has not ended. Send it again in a moment.` },
    { 'retry-after': '1' },
  )

const notKept = (key: string): ProblemError =>
  refuse('KWIK_IDEMPOTENCY_NOT_KEPT', {
    detail: `The request with the key "${key}" was done, and its answer was not kept. Ask for what it made.`,
  })
