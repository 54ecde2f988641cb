import { Lease } from '../lease.ts'
import { type SecretContext, SecretStoreError } from '../provider.ts'
import type { SecretReference } from '../reference.ts'
import { isUnreachable, type StoreAnswer, StoreHttp, type StoreOptions, said } from '../store-http.ts'
import { findCredentials } from './credentials.ts'
import { type AwsCredentials, signed } from './sigv4.ts'

/** Options of both stores of AWS. */
export interface AwsOptions extends StoreOptions {
  /** @default `AWS_REGION`, `AWS_DEFAULT_REGION`; a reference may say another: `?region=eu-central-1` */
  readonly region?: string
  /** @default AWS's own, or `AWS_ENDPOINT_URL` */
  readonly endpoint?: string
  /** Who we are. @default the environment, a web identity, the container, the machine's metadata */
  readonly credentials?: AwsCredentials
}

interface ServiceName {
  /** As in signatures: `secretsmanager`. */
  readonly service: string
  /** As in headers: `secretsmanager`, `AmazonSSM`. */
  readonly target: string
  /** As in messages. */
  readonly shown: string
  readonly endpointVariable: string
}

/** What AWS says it is, when there is too much to do. */
const throttling =
  /Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|ServiceUnavailable|InternalServiceError|InternalFailure/
const expired = /^(?:ExpiredToken(?:Exception)?|RequestExpired|UnrecognizedClientException|InvalidClientTokenId)$/

/** Calls one service of AWS: JSON over POST, signed. */
export class AwsService {
  readonly http: StoreHttp
  readonly shown: string
  private readonly name: ServiceName
  private readonly options: AwsOptions
  private readonly credentials: Lease<AwsCredentials>

  constructor(name: ServiceName, options: AwsOptions) {
    this.name = name
    this.shown = name.shown
    this.options = options
    this.http = new StoreHttp(name.shown, options)
    const { credentials: given } = options
    this.credentials = new Lease(async (context) =>
      given
        ? { value: given, expires: Number.POSITIVE_INFINITY }
        : findCredentials(this.http, context, this.regionOf(context)),
    )
  }

  /** References by the region that they are in. */
  byRegion(references: readonly SecretReference[], context: SecretContext): Map<string, SecretReference[]> {
    const regions = new Map<string, SecretReference[]>()
    for (const one of references) {
      const region = one.params['region'] ?? this.regionOf(context)
      regions.set(region, [...(regions.get(region) ?? []), one])
    }
    return regions
  }

  /**
   * One call, tried again with new credentials when the old ones have expired.
   * @throws {SecretStoreError} when nobody answers, or AWS refuses
   */
  async call<T>(action: string, body: object, region: string, what: string, context: SecretContext): Promise<T> {
    let answer = await this.send(action, body, region, context)
    if (expired.test(codeOf(answer)) && this.options.credentials === undefined) {
      this.credentials.drop()
      answer = await this.send(action, body, region, context)
    }
    if (answer.status === 200) return answer.json as T
    const { message, Message = message } = (answer.json ?? {}) as { message?: string; Message?: string }
    const words = [codeOf(answer), said(Message)].filter((word) => word !== '').join(': ')
    const text = `${this.shown} answered ${answer.status}${words && ` ${words}`} for ${what}`
    throw new SecretStoreError(text, isUnreachable(answer) || throttling.test(codeOf(answer)))
  }

  private async send(action: string, body: object, region: string, context: SecretContext): Promise<StoreAnswer> {
    const credentials = await this.credentials.get(context)
    const { service, target, endpointVariable } = this.name
    const { env, clock, signal } = context
    const given = this.options.endpoint ?? env[endpointVariable] ?? env['AWS_ENDPOINT_URL']
    const url = new URL(given ?? `https://${service}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/`)
      .href
    const request = {
      url,
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${target}.${action}` },
      body: JSON.stringify(body),
      busy: (answer: StoreAnswer) => throttling.test(codeOf(answer)),
    }
    return this.http.send(
      () => ({ ...request, headers: signed(request, credentials, { region, service, now: clock.now() }) }),
      signal,
    )
  }

  private regionOf({ env }: SecretContext): string {
    const region = this.options.region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION']
    if (region) return region
    throw new SecretStoreError(`${this.shown} needs a region: set AWS_REGION, or say ?region=… in the reference`, false)
  }
}

/** `com.amazon#AccessDeniedException:http://…` is an AccessDeniedException. */
export function codeOf({ json, headers }: Pick<StoreAnswer, 'json' | 'headers'>): string {
  const { __type, code } = (json ?? {}) as { __type?: string; code?: string }
  return String(__type ?? code ?? headers.get('x-amzn-errortype') ?? '')
    .replace(/^.*#/, '')
    .replace(/:.*$/, '')
}
