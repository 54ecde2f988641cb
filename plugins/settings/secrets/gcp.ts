import { createSign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { crc32c } from './crc32c.ts'
import { Lease, type Leased } from './lease.ts'
import {
  asTrouble,
  type SecretContext,
  type SecretProvider,
  SecretStoreError,
  type SecretTrouble,
  type SecretValue,
} from './provider.ts'
import type { SecretReference } from './reference.ts'
import { inParallel, isUnreachable, refusal, StoreHttp, type StoreOptions } from './store-http.ts'

/** Options of Google Cloud's Secret Manager. */
export interface GcpOptions extends StoreOptions {
  /** @default `GOOGLE_CLOUD_PROJECT`, the key's project, the machine's project */
  readonly project?: string
  /** @default Google's own */
  readonly endpoint?: string
  /** A file with the key of a service account. @default `GOOGLE_APPLICATION_CREDENTIALS`, else the machine's account */
  readonly keyFile?: string
}

interface ServiceAccount {
  readonly client_email: string
  readonly private_key: string
  readonly private_key_id?: string
  readonly token_uri?: string
  readonly project_id?: string
}

const scope = 'https://www.googleapis.com/auth/cloud-platform'

/**
 * `secret://gcp/mail-key`: Google Cloud Secret Manager. `?version=5` asks for another version than the latest, `?project=` for
 * another project; `projects/p/secrets/s` is a name too. From `kwik/settings`.
 *
 * @example
 * const settings = await defineSettings(schema, { secrets: [gcpSecretManager({ project: 'shop' })] })
 */
export function gcpSecretManager(options: GcpOptions = {}): SecretProvider {
  const http = new StoreHttp('Google Secret Manager', options)
  const token = new Lease((context) => obtainToken(http, options, context))
  const endpoint = (options.endpoint ?? 'https://secretmanager.googleapis.com').replace(/\/+$/, '')
  const read = async (one: SecretReference, context: SecretContext): Promise<SecretValue | SecretTrouble> => {
    try {
      const name = await fullName(http, options, one, context)
      const authorization = `Bearer ${await token.get(context)}`
      const answer = await http.send(
        { url: `${endpoint}/v1/${name}:access`, headers: { authorization } },
        context.signal,
      )
      const { payload, name: found, error } = (answer.json ?? {}) as Accessed
      if (answer.status === 401) token.drop()
      if (answer.status !== 200 || payload?.data === undefined)
        return { trouble: refusal(http.name, answer, error?.message, name), unreachable: isUnreachable(answer) }
      const bytes = Buffer.from(payload.data, 'base64')
      if (payload.dataCrc32c !== undefined && Number(payload.dataCrc32c) !== crc32c(bytes))
        return { trouble: `${http.name} answered damaged bytes for ${name}`, unreachable: true }
      const version = found?.split('/').at(-1)
      return {
        value: bytes.toString('utf8'),
        ...(version !== undefined && { version }),
        ...(http.ttl !== undefined && { ttl: http.ttl }),
      }
    } catch (error) {
      return asTrouble(error)
    }
  }
  return {
    scheme: options.scheme ?? 'gcp',
    resolve: async (references, context) =>
      new Map(await inParallel(references, async (one) => [one.uri, await read(one, context)] as const)),
    probe: async (context) => void (await token.get(context)),
  }
}

interface Accessed {
  readonly name?: string
  readonly payload?: { readonly data?: string; readonly dataCrc32c?: string }
  readonly error?: { readonly message?: string }
}

async function fullName(
  http: StoreHttp,
  options: GcpOptions,
  { name, params }: SecretReference,
  context: SecretContext,
): Promise<string> {
  const version = `versions/${params['version'] ?? 'latest'}`
  if (name.startsWith('projects/')) return name.includes('/versions/') ? name : `${name}/${version}`
  const { env } = context
  const given = params['project'] ?? options.project ?? env['GOOGLE_CLOUD_PROJECT'] ?? env['GCLOUD_PROJECT']
  const project =
    given ?? accountIn(options, context)?.project_id ?? (await ofMachine(http, context, 'project/project-id')).text
  return `projects/${encodeURIComponent(project)}/secrets/${encodeURIComponent(name)}/${version}`
}

async function obtainToken(http: StoreHttp, options: GcpOptions, context: SecretContext): Promise<Leased<string>> {
  const account = accountIn(options, context)
  const now = context.clock.now()
  if (!account) {
    const { json } = await ofMachine(http, context, 'instance/service-accounts/default/token')
    return leased(json, now)
  }
  const url = account.token_uri ?? 'https://oauth2.googleapis.com/token'
  const body = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: assertion(account, url, Math.floor(now / 1000)),
  }).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const answer = await http.send({ url, method: 'POST', headers, body }, context.signal)
  const { error, error_description: words = error } = (answer.json ?? {}) as {
    error?: string
    error_description?: string
  }
  if (answer.status !== 200)
    throw new SecretStoreError(
      refusal('Google', answer, words, `the token of ${account.client_email}`),
      isUnreachable(answer),
    )
  return leased(answer.json, now)
}

/** A signed statement of who we are (RFC 7523), good for an hour. */
function assertion(
  { client_email, private_key, private_key_id }: ServiceAccount,
  audience: string,
  now: number,
): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { iss: client_email, scope, aud: audience, iat: now, exp: now + 3600 }
  const text = `${part({ alg: 'RS256', typ: 'JWT', kid: private_key_id })}.${part(claims)}`
  return `${text}.${createSign('RSA-SHA256').update(text).sign(private_key, 'base64url')}`
}

async function ofMachine(http: StoreHttp, { env, signal }: SecretContext, path: string) {
  const host = env['GCE_METADATA_HOST'] ?? 'metadata.google.internal'
  const answer = await http.send(
    { url: `http://${host}/computeMetadata/v1/${path}`, headers: { 'metadata-flavor': 'Google' } },
    signal,
  )
  if (answer.status === 200) return answer
  throw new SecretStoreError(refusal("the machine's metadata", answer, '', path), isUnreachable(answer))
}

function accountIn({ keyFile }: GcpOptions, { env }: SecretContext): ServiceAccount | undefined {
  const file = keyFile ?? env['GOOGLE_APPLICATION_CREDENTIALS']
  if (!file) return undefined
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ServiceAccount
  } catch {
    throw new SecretStoreError('the key of the service account cannot be read', false)
  }
}

function leased(json: unknown, now: number): Leased<string> {
  const { access_token: value, expires_in: seconds = 300 } = (json ?? {}) as {
    access_token?: string
    expires_in?: number
  }
  if (value === undefined) throw new SecretStoreError('Google gave no token', true)
  return { value, expires: now + seconds * 1000 }
}
