import { readFileSync } from 'node:fs'
import type { Leased } from '../lease.ts'
import { type SecretContext, SecretStoreError } from '../provider.ts'
import { refusal, type StoreAnswer, type StoreHttp } from '../store-http.ts'
import type { AwsCredentials } from './sigv4.ts'

/** Who we are to AWS: the first of these that there is, as AWS's own tools look for it. */
export async function findCredentials(
  http: StoreHttp,
  context: SecretContext,
  region: string,
): Promise<Leased<AwsCredentials>> {
  const { env } = context
  return (
    fromEnvironment(context) ??
    (await fromWebIdentity(http, context, region)) ??
    (await fromContainer(http, context)) ??
    (await fromInstance(http, context)) ??
    nobody(env)
  )
}

/** What a source of credentials answers. */
interface Answered {
  readonly AccessKeyId?: string
  readonly SecretAccessKey?: string
  readonly Token?: string
  readonly Expiration?: string
}

function fromEnvironment({ env }: SecretContext): Leased<AwsCredentials> | undefined {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: key, AWS_SESSION_TOKEN: token } = env
  if (!id || !key) return undefined
  const value = { accessKeyId: id, secretAccessKey: key, ...(token && { sessionToken: token }) }
  return { value, expires: Number.POSITIVE_INFINITY }
}

/** A token of Kubernetes (IRSA) or of a CI, exchanged for credentials of a role. */
async function fromWebIdentity(
  http: StoreHttp,
  { env, signal, clock }: SecretContext,
  region: string,
): Promise<Leased<AwsCredentials> | undefined> {
  const { AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: role, AWS_ROLE_SESSION_NAME: session = 'kwik' } = env
  if (!file || !role) return undefined
  const body = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: role,
    RoleSessionName: session,
    WebIdentityToken: textOf(file, 'AWS_WEB_IDENTITY_TOKEN_FILE'),
  })
  const answer = await http.send(
    {
      url: env['AWS_ENDPOINT_URL_STS'] ?? env['AWS_ENDPOINT_URL'] ?? `https://sts.${region}.amazonaws.com/`,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: body.toString(),
    },
    signal,
  )
  if (answer.status !== 200) throw refused(answer, tag(answer.text, 'Code'), `the role ${role}`)
  return leased(
    {
      AccessKeyId: tag(answer.text, 'AccessKeyId'),
      SecretAccessKey: tag(answer.text, 'SecretAccessKey'),
      Token: tag(answer.text, 'SessionToken'),
      Expiration: tag(answer.text, 'Expiration'),
    },
    clock.now(),
  )
}

/** ECS and EKS Pod Identity: an endpoint beside the container. */
async function fromContainer(
  http: StoreHttp,
  { env, signal, clock }: SecretContext,
): Promise<Leased<AwsCredentials> | undefined> {
  const { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: relative, AWS_CONTAINER_CREDENTIALS_FULL_URI: full } = env
  if (!relative && !full) return undefined
  const url = relative ? `http://169.254.170.2${relative}` : full!
  if (!isNear(url))
    throw new SecretStoreError('AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor on this machine', false)
  const file = env['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE']
  const token = file ? textOf(file, 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE') : env['AWS_CONTAINER_AUTHORIZATION_TOKEN']
  const answer = await http.send({ url, headers: token ? { authorization: token } : {} }, signal)
  if (answer.status !== 200) throw refused(answer, '', 'the credentials of the container')
  return leased(answer.json as Answered, clock.now())
}

/** A virtual machine's metadata, version 2: a token first, which a forged request could not ask for. */
async function fromInstance(
  http: StoreHttp,
  { env, signal, clock }: SecretContext,
): Promise<Leased<AwsCredentials> | undefined> {
  if (env['AWS_EC2_METADATA_DISABLED']?.toLowerCase() === 'true') return undefined
  const base = env['AWS_EC2_METADATA_SERVICE_ENDPOINT'] ?? 'http://169.254.169.254'
  const ask = (path: string, method: string, headers: Record<string, string>): Promise<StoreAnswer> =>
    http.send({ url: `${base.replace(/\/$/, '')}/latest/${path}`, method, headers }, signal)
  const token = await ask('api/token', 'PUT', { 'x-aws-ec2-metadata-token-ttl-seconds': '21600' }).catch(
    () => undefined,
  )
  if (token?.status !== 200) return undefined
  const headers = { 'x-aws-ec2-metadata-token': token.text }
  const path = 'meta-data/iam/security-credentials/'
  const role = (await ask(path, 'GET', headers)).text.split('\n')[0]!.trim()
  const answer = await ask(path + role, 'GET', headers)
  if (answer.status !== 200) throw refused(answer, '', 'the role of this machine')
  return leased(answer.json as Answered, clock.now())
}

function nobody(env: SecretContext['env']): never {
  const half = env['AWS_ACCESS_KEY_ID'] ? ': AWS_SECRET_ACCESS_KEY is missing' : ''
  throw new SecretStoreError(
    `no credentials for AWS were found in the environment, a web identity, a container or this machine's metadata${half}`,
    false,
  )
}

function leased({ AccessKeyId, SecretAccessKey, Token, Expiration }: Answered, now: number): Leased<AwsCredentials> {
  if (!AccessKeyId || !SecretAccessKey) throw new SecretStoreError('AWS gave credentials without a key', true)
  const expires = Expiration === undefined ? now + 15 * 60_000 : Date.parse(Expiration)
  const value = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, ...(Token && { sessionToken: Token }) }
  return { value, expires }
}

/** Credentials are sent in plain text only where nobody is on the way. */
function isNear(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return (
    protocol === 'https:' ||
    /^(?:localhost|127\..*|\[::1\]|169\.254\.170\.2|169\.254\.170\.23|\[fd00:ec2::23\])$/.test(hostname)
  )
}

const refused = (answer: StoreAnswer, code: string | undefined, what: string): SecretStoreError =>
  new SecretStoreError(refusal('AWS', answer, code, what), answer.status >= 500)

const tag = (xml: string, name: string): string | undefined => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]

function textOf(file: string, variable: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    throw new SecretStoreError(`the file that ${variable} names cannot be read`, false)
  }
}
