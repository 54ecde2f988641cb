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

/** Options of Doppler. */
export interface DopplerOptions extends StoreOptions {
  /** @default DOPPLER_TOKEN */
  readonly token?: string
  /** Not needed with the token of a service. @default DOPPLER_PROJECT */
  readonly project?: string
  /** @default DOPPLER_CONFIG */
  readonly config?: string
  /** @default Doppler's own */
  readonly url?: string
}

/**
 * `secret://doppler/MAIL_KEY`: Doppler, one call for each config. `?project=` and `?config=` ask elsewhere. From `kwik/settings`.
 *
 * @example
 * const settings = await defineSettings(schema, { secrets: [doppler()] })
 */
export function doppler(options: DopplerOptions = {}): SecretProvider {
  const http = new StoreHttp('Doppler', options)
  return {
    scheme: options.scheme ?? 'doppler',
    async resolve(references, context) {
      const configs = new Map<string, SecretReference[]>()
      for (const one of references) {
        const query = queryOf(options, one, context)
        configs.set(query, [...(configs.get(query) ?? []), one])
      }
      const answers = new Map<string, SecretValue | SecretTrouble>()
      await inParallel([...configs], async ([query, wanted]) => {
        try {
          const all = await download(http, options, query, context)
          for (const { uri, name } of wanted) answers.set(uri, secretOf(http, all, name))
        } catch (error) {
          const trouble = asTrouble(error)
          for (const { uri } of wanted) answers.set(uri, trouble)
        }
      })
      return answers
    },
    probe: async (context) =>
      void (await download(http, options, queryOf(options, { params: {} } as SecretReference, context), context)),
  }
}

function secretOf(
  { name: store, ttl }: StoreHttp,
  all: Record<string, string>,
  name: string,
): SecretValue | SecretTrouble {
  const value = Object.hasOwn(all, name) ? all[name] : undefined
  return value === undefined ? { trouble: `${store} has no ${name}` } : { value, ...(ttl !== undefined && { ttl }) }
}

function queryOf(options: DopplerOptions, { params }: SecretReference, { env }: SecretContext): string {
  const project = params['project'] ?? options.project ?? env['DOPPLER_PROJECT']
  const config = params['config'] ?? options.config ?? env['DOPPLER_CONFIG']
  return new URLSearchParams({ format: 'json', ...(project && { project }), ...(config && { config }) }).toString()
}

async function download(
  http: StoreHttp,
  options: DopplerOptions,
  query: string,
  { env, signal }: SecretContext,
): Promise<Record<string, string>> {
  const token = options.token ?? env['DOPPLER_TOKEN']
  if (!token) throw new SecretStoreError('Doppler needs a token: set DOPPLER_TOKEN', false)
  const url = `${(options.url ?? 'https://api.doppler.com').replace(/\/+$/, '')}/v3/configs/config/secrets/download?${query}`
  const answer = await http.send(
    { url, headers: { authorization: `Bearer ${token}`, accept: 'application/json' } },
    signal,
  )
  const { messages = [] } = (answer.json ?? {}) as { messages?: readonly string[] }
  if (answer.status === 200 && typeof answer.json === 'object' && answer.json !== null)
    return answer.json as Record<string, string>
  throw new SecretStoreError(refusal(http.name, answer, messages.join(', '), 'its secrets'), isUnreachable(answer))
}
