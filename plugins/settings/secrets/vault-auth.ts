import { readFileSync } from 'node:fs'
import type { Leased } from './lease.ts'
import { type SecretContext, SecretStoreError } from './provider.ts'
import { isUnreachable, type StoreAnswer, said } from './store-http.ts'

/** How to sign in to Vault. */
export type VaultAuth =
  | { readonly method: 'token'; readonly token?: string }
  | {
      readonly method: 'approle'
      /** @default VAULT_ROLE_ID */
      readonly roleId?: string
      /** @default VAULT_SECRET_ID */
      readonly secretId?: string
      /** @default 'approle' */
      readonly mount?: string
    }
  | {
      readonly method: 'kubernetes'
      readonly role: string
      /** @default the service account's token of the pod */
      readonly jwtFile?: string
      /** @default 'kubernetes' */
      readonly mount?: string
    }

export interface VaultToken {
  readonly token: string
  readonly renewable: boolean
}

type Ask = (path: string, body: object | undefined, token?: string) => Promise<StoreAnswer>

interface Signed {
  readonly client_token: string
  readonly renewable: boolean
  readonly lease_duration: number
}

const podToken = '/var/run/secrets/kubernetes.io/serviceaccount/token'

/** @throws {SecretStoreError} when Vault does not let us in */
export async function login(auth: VaultAuth, ask: Ask, context: SecretContext): Promise<Leased<VaultToken>> {
  const { env } = context
  if (auth.method === 'token') {
    const token = auth.token ?? env['VAULT_TOKEN'] ?? env['BAO_TOKEN']
    if (!token) throw new SecretStoreError('Vault needs a token: set VAULT_TOKEN, or give `auth`', false)
    return lookedUp(token, await ask('auth/token/lookup-self', undefined, token), context)
  }
  if (auth.method === 'approle') {
    const { roleId = env['VAULT_ROLE_ID'], secretId = env['VAULT_SECRET_ID'], mount = 'approle' } = auth
    if (!roleId) throw new SecretStoreError('Vault needs the id of a role: set VAULT_ROLE_ID', false)
    const body = { role_id: roleId, ...(secretId && { secret_id: secretId }) }
    return signedIn(await ask(`auth/${mount}/login`, body), `AppRole at ${mount}`, context)
  }
  const { role, jwtFile = podToken, mount = 'kubernetes' } = auth
  const body = { role, jwt: tokenIn(jwtFile) }
  return signedIn(await ask(`auth/${mount}/login`, body), `role "${role}" at ${mount}`, context)
}

/** The same token for another while; `undefined` when it cannot be, and one signs in anew. */
export async function renewed(
  before: VaultToken,
  ask: Ask,
  context: SecretContext,
): Promise<Leased<VaultToken> | undefined> {
  if (!before.renewable) return undefined
  const answer = await ask('auth/token/renew-self', {}, before.token)
  return answer.status === 200 ? signedIn(answer, 'the token', context) : undefined
}

function signedIn(answer: StoreAnswer, who: string, { clock }: SecretContext): Leased<VaultToken> {
  const { auth, errors = [] } = (answer.json ?? {}) as { auth?: Signed; errors?: readonly string[] }
  if (answer.status !== 200 || !auth)
    throw new SecretStoreError(
      `Vault answered ${answer.status} ${said(errors.join(', '))} to the login of ${who}`,
      isUnreachable(answer),
    )
  const { client_token: token, renewable, lease_duration: seconds } = auth
  return { value: { token, renewable }, expires: seconds > 0 ? clock.now() + seconds * 1000 : Number.POSITIVE_INFINITY }
}

/** How long a token is good that somebody gave us; where it may not ask, it is taken as it is. */
function lookedUp(token: string, answer: StoreAnswer, { clock }: SecretContext): Leased<VaultToken> {
  const { data } = (answer.json ?? {}) as { data?: { ttl?: number; renewable?: boolean } }
  if (isUnreachable(answer)) {
    const { errors = [] } = (answer.json ?? {}) as { errors?: readonly string[] }
    throw new SecretStoreError(`Vault answered ${answer.status} ${said(errors.join(', '))}`.trim(), true)
  }
  const ttl = answer.status === 200 ? (data?.ttl ?? 0) : 0
  const expires = ttl > 0 ? clock.now() + ttl * 1000 : Number.POSITIVE_INFINITY
  return { value: { token, renewable: ttl > 0 && data?.renewable === true }, expires }
}

function tokenIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    throw new SecretStoreError(`the token of the service account is not in ${file}`, false)
  }
}
