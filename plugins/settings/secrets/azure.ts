import { readFileSync } from 'node:fs'
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
import {
  inParallel,
  isUnreachable,
  refusal,
  type StoreAnswer,
  StoreHttp,
  type StoreOptions,
  type StoreRequest,
} from './store-http.ts'

/** Options of Azure Key Vault. */
export interface AzureOptions extends StoreOptions {
  /** The vault's address: `https://shop.vault.azure.net`. @default AZURE_KEY_VAULT_URL */
  readonly url?: string
  /** @default `AZURE_CLIENT_ID`; alone, it names the managed identity of the machine */
  readonly clientId?: string
  /** @default AZURE_CLIENT_SECRET */
  readonly clientSecret?: string
  /** @default `AZURE_TENANT_ID`, else what the vault says */
  readonly tenantId?: string
}

const version = '7.4'

/** What a vault says of itself to whoever comes without a token. */
interface Challenge {
  readonly authority: string
  readonly resource: string
}

/**
 * `secret://azure/mail-key`: Azure Key Vault. `?version=` asks for another version than the newest. We are the client of
 * `AZURE_CLIENT_SECRET`, a federated token (`AZURE_FEDERATED_TOKEN_FILE`) or the machine's managed identity. From `kwik/settings`.
 *
 * @example
 * const settings = await defineSettings(schema, { secrets: [azureKeyVault({ url: 'https://shop.vault.azure.net' })] })
 */
export function azureKeyVault(options: AzureOptions = {}): SecretProvider {
  const store = new KeyVault(options)
  return {
    scheme: options.scheme ?? 'azure',
    resolve: async (references, context) =>
      new Map(await inParallel(references, async (one) => [one.uri, await store.read(one, context)] as const)),
    probe: async (context) => void (await store.tokenFor(context)),
  }
}

class KeyVault {
  private readonly http: StoreHttp
  private readonly options: AzureOptions
  private readonly token: Lease<string>

  constructor(options: AzureOptions) {
    this.http = new StoreHttp('Azure Key Vault', options)
    this.options = options
    this.token = new Lease(async (context) => this.signIn(await this.challenge(context), context))
  }

  tokenFor(context: SecretContext): Promise<string> {
    return this.token.get(context)
  }

  async read({ name, params }: SecretReference, context: SecretContext): Promise<SecretValue | SecretTrouble> {
    try {
      const path = `secrets/${[name, params['version']]
        .filter(Boolean)
        .map((part) => encodeURIComponent(part!))
        .join('/')}`
      const answer = await this.get(path, context, await this.token.get(context))
      if (answer.status === 401) this.token.drop()
      const { value, id, error } = (answer.json ?? {}) as {
        value?: string
        id?: string
        error?: { message?: string; code?: string }
      }
      if (answer.status !== 200 || value === undefined)
        return {
          trouble: refusal(this.http.name, answer, error?.message ?? error?.code, path),
          unreachable: isUnreachable(answer),
        }
      const { ttl } = this.http
      return { value, ...(id && { version: id.split('/').at(-1)! }), ...(ttl !== undefined && { ttl }) }
    } catch (error) {
      return asTrouble(error)
    }
  }

  /** Asked without a token the vault says who gives them, and for whom. */
  private async challenge(context: SecretContext): Promise<Challenge> {
    const answer = await this.get('secrets', context)
    const header = answer.headers.get('www-authenticate') ?? ''
    const said = (word: string): string | undefined => new RegExp(`\\b${word}="([^"]*)"`).exec(header)?.[1]
    const authority = said('authorization') ?? said('authorization_uri')
    const resource = said('resource') ?? said('scope')?.replace(/\/\.default$/, '')
    if (answer.status !== 401 || !authority || !resource)
      throw new SecretStoreError(
        refusal(this.http.name, answer, '', 'the question who it trusts'),
        isUnreachable(answer),
      )
    // A vault that names another domain would get a token that is good there.
    const domain = URL.parse(resource)?.hostname ?? ''
    const { hostname } = new URL(this.address(context))
    if (domain === '' || (hostname !== domain && !hostname.endsWith(`.${domain}`)))
      throw new SecretStoreError(
        `${this.http.name} asks for a token for ${domain || 'nobody'}, to which ${hostname} does not belong`,
        false,
      )
    return { authority, resource }
  }

  private async signIn(challenge: Challenge, context: SecretContext): Promise<Leased<string>> {
    const { env } = context
    const client = this.options.clientId ?? env['AZURE_CLIENT_ID']
    const secret = this.options.clientSecret ?? env['AZURE_CLIENT_SECRET']
    const federated = env['AZURE_FEDERATED_TOKEN_FILE']
    if (client && secret) return this.asClient(challenge, { client_id: client, client_secret: secret }, context)
    if (client && federated) {
      const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
      return this.asClient(
        challenge,
        { client_id: client, client_assertion_type: type, client_assertion: textOf(federated) },
        context,
      )
    }
    return this.asMachine(challenge, client, context)
  }

  private async asClient(
    { authority, resource }: Challenge,
    who: Record<string, string>,
    context: SecretContext,
  ): Promise<Leased<string>> {
    const tenant = this.options.tenantId ?? context.env['AZURE_TENANT_ID']
    const host = context.env['AZURE_AUTHORITY_HOST']
    const base =
      host || tenant
        ? `${(host ?? new URL(authority).origin).replace(/\/$/, '')}/${tenant ?? new URL(authority).pathname.slice(1)}`
        : authority
    const body = new URLSearchParams({ grant_type: 'client_credentials', scope: `${resource}/.default`, ...who })
    const answer = await this.http.send(
      {
        url: `${base.replace(/\/$/, '')}/oauth2/v2.0/token`,
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: body.toString(),
      },
      context.signal,
    )
    return this.leased(answer, `the client ${who['client_id']}`, context)
  }

  /** The identity that Azure gives to a machine (IMDS), or to an app (App Service, Container Apps). */
  private async asMachine(
    { resource }: Challenge,
    client: string | undefined,
    context: SecretContext,
  ): Promise<Leased<string>> {
    const {
      IDENTITY_ENDPOINT: endpoint,
      IDENTITY_HEADER: header,
      AZURE_POD_IDENTITY_AUTHORITY_HOST: host = 'http://169.254.169.254',
    } = context.env
    const query = new URLSearchParams({ resource, ...(client && { client_id: client }) })
    const request: StoreRequest =
      endpoint && header
        ? { url: `${endpoint}?api-version=2019-08-01&${query}`, headers: { 'x-identity-header': header } }
        : {
            url: `${host}/metadata/identity/oauth2/token?api-version=2018-02-01&${query}`,
            headers: { metadata: 'true' },
          }
    return this.leased(await this.http.send(request, context.signal), 'the identity of this machine', context)
  }

  private leased(answer: StoreAnswer, who: string, { clock }: SecretContext): Leased<string> {
    const {
      access_token: value,
      expires_in: seconds,
      error,
      error_description: words = error,
    } = (answer.json ?? {}) as Token
    if (answer.status !== 200 || value === undefined)
      throw new SecretStoreError(refusal('Azure', answer, words, `the token of ${who}`), isUnreachable(answer))
    return { value, expires: clock.now() + Number(seconds ?? 300) * 1000 }
  }

  private get(path: string, context: SecretContext, token?: string): Promise<StoreAnswer> {
    const url = `${this.address(context)}/${path}?api-version=${version}`
    return this.http.send(
      { url, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } },
      context.signal,
    )
  }

  private address({ env }: SecretContext): string {
    const url = this.options.url ?? env['AZURE_KEY_VAULT_URL']
    if (!url?.startsWith('https://'))
      throw new SecretStoreError(`${this.http.name} needs its address, with https: set AZURE_KEY_VAULT_URL`, false)
    return url.replace(/\/+$/, '')
  }
}

interface Token {
  readonly access_token?: string
  readonly expires_in?: number | string
  readonly error?: string
  readonly error_description?: string
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    throw new SecretStoreError('the file that AZURE_FEDERATED_TOKEN_FILE names cannot be read', false)
  }
}
