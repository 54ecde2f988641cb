import { refuse as refuseByCore } from '#core/errors'
import { meet } from '#core/grants'
import type { Authenticator } from '#core/ports/authenticator'
import type { Account, Principals } from '#core/ports/principals'
import type { ProblemError } from '#core/problem'
import type { Principal, Scope } from '#core/scope'
import { refuse } from '../errors.ts'
import type { Parts } from '../parts.ts'
import type { KeyFact, KeyFacts } from './facts.ts'
import { isSecretOf, type KeyText, longestKey, readKey } from './text.ts'
import type { Usage } from './usage.ts'

interface AuthenticatorParts {
  readonly facts: Pick<KeyFacts, 'peek' | 'load'>
  readonly usage: Usage
  readonly principals: Principals
  readonly parts: Parts
}

/** Whom a key made of which account: the same of both makes the same principal. */
interface Made {
  readonly account: Account
  readonly principal: Principal
}

/**
 * Recognises callers by `X-API-Key: <key>`, or `Authorization: ApiKey <key>`. Whatever is wrong with a key, the answer is
 * one and the same: it would help whoever guesses.
 */
export function apiKeyAuthenticator({ facts, usage, principals, parts }: AuthenticatorParts): Authenticator {
  const made = new WeakMap<KeyFact, Made>()

  const principalOf = (key: KeyFact, account: Account): Principal => {
    const known = made.get(key)
    if (known?.account === account) return known.principal
    const { user } = account
    const permissions = meet(key.scopes, account.permissions)
    const principal: Principal = { id: user.id, via: 'apiKey', user, permissions, apiKeyId: key.id }
    made.set(key, { account, principal })
    return principal
  }

  const judge = (key: KeyFact, account: Account | undefined, scope: Scope): Principal | ProblemError => {
    const wrong = wrongWith(key, account, parts.clock.now())
    if (wrong !== undefined) {
      usage.refused(key, wrong, scope)
      return keyRefused()
    }
    usage.used(key, scope)
    return principalOf(key, account!)
  }

  /** An account is looked at only by who has the secret. */
  const judgeSecret = (
    { secret }: KeyText,
    key: KeyFact | undefined,
    scope: Scope,
  ): Principal | ProblemError | Promise<Principal | ProblemError> => {
    if (!isSecretOf(secret, key?.hash) || key === undefined) return keyRefused()
    const account = principals.peek?.(key.userId)
    if (account !== undefined) return judge(key, account, scope)
    return principals.load(key.userId).then((loaded) => judge(key, loaded, scope))
  }

  /** Nothing waits where everything is certain. */
  const recognise = (text: string, scope: Scope): Principal | ProblemError | Promise<Principal | ProblemError> => {
    const read = readKey(text)
    if (read === undefined) return keyRefused()
    const key = facts.peek(read.id)
    if (key !== undefined) return judgeSecret(read, key, scope)
    return facts.load(read.id).then((loaded) => judgeSecret(read, loaded, scope))
  }

  return {
    way: 'apiKey',
    authenticate(scope) {
      const sent = keyIn(scope.request.headers)
      return typeof sent === 'string' ? recognise(sent, scope) : sent
    },
  }
}

function wrongWith({ revoked, expiresAt }: KeyFact, account: Account | undefined, now: number) {
  if (revoked) return 'revoked'
  if (expiresAt !== undefined && expiresAt <= now) return 'expired'
  return account ? undefined : 'owner'
}

/** The key that a request carries: `null` for none, a problem for two. */
function keyIn(headers: Headers): string | ProblemError | null {
  const own = headers.get('x-api-key')
  const authorization = headers.get('authorization')
  const other = authorization?.slice(0, 7).toLowerCase() === 'apikey ' ? authorization!.slice(7).trim() : null
  // Fetch joins headers of one name by a comma, and no key has one.
  if (own !== null && (other !== null || own.slice(0, 2 * longestKey).includes(','))) return ambiguous()
  const sent = own ?? other
  return sent === null || sent.length <= longestKey ? sent : keyRefused()
}

const ambiguous = (): ProblemError =>
  refuseByCore('KWIK_CREDENTIALS_AMBIGUOUS', {
    detail: 'Send one API key.',
    errors: [{ code: 'repeated', detail: 'was sent more than once', parameter: 'X-API-Key' }],
  })

const keyRefused = (): ProblemError =>
  refuse(
    'KWIK_ACCOUNTS_API_KEY_INVALID',
    {
      detail: 'Send a key that is good, in X-API-Key.',
      errors: [{ code: 'api-key-invalid', detail: 'is not valid', parameter: 'X-API-Key' }],
    },
    { 'www-authenticate': 'ApiKey' },
  )
