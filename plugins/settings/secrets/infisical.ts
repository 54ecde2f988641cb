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

/** Options of Infisical. */
export interface InfisicalOptions extends StoreOptions {
  /** @default `INFISICAL_API_URL`, else Infisical's own */
  readonly url?: string
  /** @default INFISICAL_PROJECT_ID */
  readonly projectId?: string
  /** @default `INFISICAL_ENVIRONMENT`, else the profile */
  readonly environment?: string
  /** The folder of secrets. @default '/' */
  readonly path?: string
  /** Of a machine identity with universal auth. @default INFISICAL_CLIENT_ID */
  readonly clientId?: string
  /** @default INFISICAL_CLIENT_SECRET */
  readonly clientSecret?: string
}

interface Listed {
  readonly secretKey: string
  readonly secretValue: string
  readonly version?: number
}

/** What references have in common that one call answers for. */
interface Folder {
  readonly projectId: string
  readonly environment: string
  readonly secretPath: string
}

/**
 * `secret://infisical/MAIL_KEY`: Infisical, one call for each folder. `?path=/mail`, `?environment=` and `?project=` ask elsewhere, `?version=3`
 * for another version. From `kwik/settings`.
 *
 * @example
 * const settings = await defineSettings(schema, { secrets: [infisical({ projectId: '…', environment: 'prod' })] })
 */
export function infisical(options: InfisicalOptions = {}): SecretProvider {
  const http = new StoreHttp('Infisical', options)
  const token = new Lease((context) => signIn(http, options, context))
  return {
    scheme: options.scheme ?? 'infisical',
    async resolve(references, context) {
      const answers = new Map<string, SecretValue | SecretTrouble>()
      const folders = new Map<string, { folder: Folder; wanted: SecretReference[] }>()
      for (const one of references) {
        const folder = folderOf(options, one, context)
        const key = one.params['version'] === undefined ? JSON.stringify(folder) : one.uri
        const entry = folders.get(key) ?? folders.set(key, { folder, wanted: [] }).get(key)!
        entry.wanted.push(one)
      }
      await inParallel([...folders.values()], async ({ folder, wanted }) => {
        try {
          const isOther = wanted[0]!.params['version'] !== undefined
          const found = isOther ? new Map<string, Listed>() : await list(http, token, options, folder, context)
          await inParallel(wanted, async (one) => {
            const known = found.get(one.name)
            answers.set(
              one.uri,
              known ? secretOf(http, known) : await single(http, token, options, folder, one, context),
            )
          })
        } catch (error) {
          const trouble = asTrouble(error)
          for (const { uri } of wanted) answers.set(uri, trouble)
        }
      })
      return answers
    },
    probe: async (context) => void (await token.get(context)),
  }
}

const addressOf = ({ url }: InfisicalOptions, { env }: SecretContext): string =>
  (url ?? env['INFISICAL_API_URL'] ?? 'https://app.infisical.com').replace(/\/+$/, '').replace(/\/api$/, '')

function folderOf(options: InfisicalOptions, { params }: SecretReference, { env, profiles }: SecretContext): Folder {
  const projectId = params['project'] ?? options.projectId ?? env['INFISICAL_PROJECT_ID']
  if (!projectId) throw new SecretStoreError('Infisical needs a project: set INFISICAL_PROJECT_ID', false)
  const environment = params['environment'] ?? options.environment ?? env['INFISICAL_ENVIRONMENT'] ?? profiles[0]!
  return { projectId, environment, secretPath: params['path'] ?? options.path ?? '/' }
}

async function signIn(http: StoreHttp, options: InfisicalOptions, context: SecretContext): Promise<Leased<string>> {
  const { env, clock, signal } = context
  const clientId = options.clientId ?? env['INFISICAL_CLIENT_ID']
  const clientSecret = options.clientSecret ?? env['INFISICAL_CLIENT_SECRET']
  if (!clientId || !clientSecret)
    throw new SecretStoreError(
      'Infisical needs a machine identity: set INFISICAL_CLIENT_ID and INFISICAL_CLIENT_SECRET',
      false,
    )
  const answer = await http.send(
    {
      url: `${addressOf(options, context)}/api/v1/auth/universal-auth/login`,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ clientId, clientSecret }),
    },
    signal,
  )
  const {
    accessToken,
    expiresIn = 300,
    message,
  } = (answer.json ?? {}) as { accessToken?: string; expiresIn?: number; message?: string }
  if (answer.status !== 200 || accessToken === undefined)
    throw new SecretStoreError(refusal(http.name, answer, message, `the login of ${clientId}`), isUnreachable(answer))
  return { value: accessToken, expires: clock.now() + expiresIn * 1000 }
}

async function list(
  http: StoreHttp,
  token: Lease<string>,
  options: InfisicalOptions,
  folder: Folder,
  context: SecretContext,
): Promise<Map<string, Listed>> {
  const query = new URLSearchParams({
    ...folder,
    viewSecretValue: 'true',
    expandSecretReferences: 'true',
    includeImports: 'true',
  })
  const headers = { authorization: `Bearer ${await token.get(context)}` }
  const answer = await http.send(
    { url: `${addressOf(options, context)}/api/v4/secrets?${query}`, headers },
    context.signal,
  )
  const {
    secrets = [],
    imports = [],
    message,
  } = (answer.json ?? {}) as {
    secrets?: readonly Listed[]
    imports?: readonly { readonly secrets: readonly Listed[] }[]
    message?: string
  }
  if (answer.status === 401) token.drop()
  if (answer.status !== 200)
    throw new SecretStoreError(
      refusal(http.name, answer, message, `${folder.environment}:${folder.secretPath}`),
      isUnreachable(answer),
    )
  // What a folder has itself counts more than what it imports, and a later import more than an earlier one.
  return new Map([...imports.flatMap((one) => one.secrets), ...secrets].map((one) => [one.secretKey, one]))
}

/** One that the list did not have: another version, or behind the end of a page. */
async function single(
  http: StoreHttp,
  token: Lease<string>,
  options: InfisicalOptions,
  folder: Folder,
  { name, params }: SecretReference,
  context: SecretContext,
): Promise<SecretValue | SecretTrouble> {
  const query = new URLSearchParams({
    ...folder,
    viewSecretValue: 'true',
    ...(params['version'] && { version: params['version'] }),
  })
  const url = `${addressOf(options, context)}/api/v4/secrets/${encodeURIComponent(name)}?${query}`
  const answer = await http.send(
    { url, headers: { authorization: `Bearer ${await token.get(context)}` } },
    context.signal,
  )
  const { secret, message } = (answer.json ?? {}) as { secret?: Listed; message?: string }
  if (answer.status === 200 && secret) return secretOf(http, secret)
  const what = `${folder.environment}:${folder.secretPath} ${name}`
  return { trouble: refusal(http.name, answer, message, what), unreachable: isUnreachable(answer) }
}

const secretOf = ({ ttl }: StoreHttp, { secretValue, version }: Listed): SecretValue => ({
  value: secretValue,
  ...(version !== undefined && { version: String(version) }),
  ...(ttl !== undefined && { ttl }),
})
