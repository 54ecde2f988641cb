import { Lease } from './lease.ts'
import {
  asTrouble,
  type SecretContext,
  type SecretProvider,
  SecretStoreError,
  type SecretTrouble,
  type SecretValue,
} from './provider.ts'
import type { SecretReference } from './reference.ts'
import { inParallel, isUnreachable, type StoreAnswer, StoreHttp, type StoreOptions, said } from './store-http.ts'
import { login, renewed, type VaultAuth, type VaultToken } from './vault-auth.ts'

/** Options of Vault and OpenBao. */
export interface VaultOptions extends StoreOptions {
  /** @default `VAULT_ADDR`, `BAO_ADDR` */
  readonly address?: string
  /** @default `VAULT_NAMESPACE`, `BAO_NAMESPACE` */
  readonly namespace?: string
  /** The mount that names are relative to, such as `kv`. @default names begin with their mount */
  readonly mount?: string
  /** How we sign in. @default the token of `VAULT_TOKEN` or `BAO_TOKEN` */
  readonly auth?: VaultAuth
}

interface Mount {
  readonly path: string
  readonly type: string
  readonly version: string
}

interface Dynamic {
  readonly value: Record<string, unknown>
  readonly lease: string
  /** In milliseconds since 1970. */
  expires: number
}

/**
 * `secret://vault/kv/app#password`: HashiCorp Vault and OpenBao. Key-value stores of both versions are told apart by themselves,
 * `?version=3` asks for another version. Other engines, such as databases, give credentials on lease, which is renewed.
 * From `kwik/settings`.
 *
 * @example
 * const settings = await defineSettings(schema, { secrets: [vault({ mount: 'kv', auth: { method: 'kubernetes', role: 'api' } })] })
 */
export function vault(options: VaultOptions = {}): SecretProvider {
  const store = new Vault(options)
  return {
    scheme: options.scheme ?? 'vault',
    resolve: async (references, context) => {
      const answers = await inParallel(references, async (one) => [one.uri, await store.read(one, context)] as const)
      return new Map(answers)
    },
    probe: (context) => store.probe(context),
  }
}

class Vault {
  private readonly http: StoreHttp
  private readonly options: VaultOptions
  private readonly token: Lease<VaultToken>
  private readonly mounts = new Map<string, Promise<Mount | undefined>>()
  private readonly leases = new Map<string, Dynamic>()

  constructor(options: VaultOptions) {
    this.options = options
    this.http = new StoreHttp('Vault', options)
    this.token = new Lease(async (context, before) => {
      const ask = (path: string, body: object | undefined, token?: string) => this.send(path, context, token, body)
      const { auth = { method: 'token' } } = options
      return (before && (await renewed(before, ask, context))) ?? login(auth, ask, context)
    })
  }

  async read(one: SecretReference, context: SecretContext): Promise<SecretValue | SecretTrouble> {
    try {
      const path = this.options.mount === undefined ? one.name : `${this.options.mount}/${one.name}`
      const mount = await this.mountOf(path, context)
      if (mount && mount.type !== 'kv' && mount.type !== 'generic') return await this.dynamic(one, path, context)
      return await this.keyValue(one, path, mount, context)
    } catch (error) {
      return asTrouble(error)
    }
  }

  async probe(context: SecretContext): Promise<void> {
    await this.get('auth/token/lookup-self', context)
  }

  private async keyValue(
    one: SecretReference,
    path: string,
    mount: Mount | undefined,
    context: SecretContext,
  ): Promise<SecretValue> {
    const mounted = mount?.path ?? `${path.split('/')[0]}/`
    // A policy may hide what kind of store it is: most are of version 2.
    const second = mount === undefined || mount.version === '2'
    const asked = one.params['version'] === undefined ? '' : `?version=${encodeURIComponent(one.params['version'])}`
    const full = second ? `${mounted}data/${path.slice(mounted.length)}${asked}` : path
    const { data, lease_duration: seconds = 0 } = await this.get(full, context)
    const inner = second ? (data?.['data'] as Record<string, unknown> | null | undefined) : data
    if (!inner) throw new SecretStoreError(`Vault has no value for ${full}: that version was deleted`, false)
    const version = (data?.['metadata'] as { version?: number } | undefined)?.version
    return {
      value: inner,
      ...(version !== undefined && { version: String(version) }),
      ...this.ttl(this.http.ttl ?? seconds * 1000, context, await this.token.lease(context)),
    }
  }

  /** Credentials that Vault makes for us: kept as long as it renews them, since each reading makes others. */
  private async dynamic(one: SecretReference, path: string, context: SecretContext): Promise<SecretValue> {
    const now = context.clock.now()
    const held = this.leases.get(one.uri)
    if (held && now < held.expires) {
      const answer = await this.send('sys/leases/renew', context, await this.tokenOf(context), { lease_id: held.lease })
      const { lease_duration: seconds } = (answer.json ?? {}) as { lease_duration?: number }
      if (answer.status === 200 && seconds) {
        held.expires = now + seconds * 1000
        return {
          value: held.value,
          version: held.lease,
          ...this.ttl(seconds * 1000, context, await this.token.lease(context)),
        }
      }
    }
    const { data, lease_id: lease = '', lease_duration: seconds = 0 } = await this.get(path, context)
    if (!data) throw new SecretStoreError(`Vault has no value for ${path}`, false)
    if (lease !== '') this.leases.set(one.uri, { value: data, lease, expires: now + seconds * 1000 })
    return { value: data, version: lease, ...this.ttl(seconds * 1000, context, await this.token.lease(context)) }
  }

  /** A token that can be renewed has to be, while the app runs: that is when secrets are read anew. */
  private ttl(ms: number, { clock }: SecretContext, token: { value: VaultToken; expires: number }): { ttl?: number } {
    const left = token.value.renewable ? token.expires - clock.now() : Number.POSITIVE_INFINITY
    const ttl = Math.min(ms > 0 ? ms : Number.POSITIVE_INFINITY, left)
    return Number.isFinite(ttl) ? { ttl: Math.max(ttl, 1000) } : {}
  }

  private mountOf(path: string, context: SecretContext): Promise<Mount | undefined> {
    const first = this.options.mount ?? path.split('/')[0]!
    const known = this.mounts.get(first)
    if (known) return known
    const asked = this.findMount(path, context)
    this.mounts.set(first, asked)
    asked.then(
      (mount) => mount ?? this.mounts.delete(first),
      () => this.mounts.delete(first),
    )
    return asked
  }

  private async findMount(path: string, context: SecretContext): Promise<Mount | undefined> {
    const answer = await this.asked(`sys/internal/ui/mounts/${path}`, context)
    if (answer.status === 403 || answer.status === 404) return undefined
    const { data } = this.taken(answer, path)
    const {
      path: mounted,
      type,
      options,
    } = (data ?? {}) as { path?: string; type?: string; options?: { version?: string } }
    return mounted === undefined || type === undefined
      ? undefined
      : { path: mounted, type, version: options?.version ?? '1' }
  }

  private async get(path: string, context: SecretContext): Promise<VaultBody> {
    return this.taken(await this.asked(path, context), path.replace(/\?.*$/, ''))
  }

  /** With a new token, when the one we have is no longer taken. */
  private async asked(path: string, context: SecretContext): Promise<StoreAnswer> {
    const answer = await this.send(path, context, await this.tokenOf(context))
    if (
      answer.status !== 403 ||
      (this.options.auth ?? { method: 'token' }).method === 'token' ||
      !/invalid token/.test(answer.text)
    )
      return answer
    this.token.drop()
    return this.send(path, context, await this.tokenOf(context))
  }

  private taken(answer: StoreAnswer, path: string): VaultBody {
    if (answer.status === 200) return answer.json as VaultBody
    const { errors = [] } = (answer.json ?? {}) as { errors?: readonly string[] }
    const role = this.options.auth && 'role' in this.options.auth ? `role "${this.options.auth.role}"` : 'the token'
    const words =
      answer.status === 404 && errors.length === 0
        ? 'nothing there'
        : said(errors.join(', ').replaceAll(/\d+ errors? occurred:|\* /g, ''))
    const hint = answer.status === 403 ? ` (policy of ${role}?)` : ''
    throw new SecretStoreError(
      `Vault answered ${answer.status}${words && ` ${words}`} for ${path}${hint}`,
      isUnreachable(answer),
    )
  }

  private async tokenOf(context: SecretContext): Promise<string> {
    return (await this.token.get(context)).token
  }

  private async send(
    path: string,
    { env, signal }: SecretContext,
    token?: string,
    body?: object,
  ): Promise<StoreAnswer> {
    const address = this.options.address ?? env['VAULT_ADDR'] ?? env['BAO_ADDR']
    if (!address) throw new SecretStoreError('Vault has no address: set VAULT_ADDR', false)
    const namespace = this.options.namespace ?? env['VAULT_NAMESPACE'] ?? env['BAO_NAMESPACE']
    return this.http.send(
      {
        url: `${address.replace(/\/+$/, '')}/v1/${path.split('/').map(encoded).join('/')}`,
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          'x-vault-request': 'true',
          ...(token !== undefined && { 'x-vault-token': token }),
          ...(namespace && { 'x-vault-namespace': namespace }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      },
      signal,
    )
  }
}

interface VaultBody {
  readonly data?: Record<string, unknown>
  readonly lease_id?: string
  readonly lease_duration?: number
}

/** A part of a path; its query, if it has one, is written already. */
const encoded = (part: string): string => {
  const [name = '', query] = part.split(/\?(.*)/s)
  return encodeURIComponent(name) + (query === undefined ? '' : `?${query}`)
}
