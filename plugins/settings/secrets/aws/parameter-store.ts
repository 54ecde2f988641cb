import {
  asTrouble,
  type SecretContext,
  type SecretProvider,
  type SecretTrouble,
  type SecretValue,
} from '../provider.ts'
import type { SecretReference } from '../reference.ts'
import { inParallel } from '../store-http.ts'
import { type AwsOptions, AwsService } from './service.ts'

/** Options of the Parameter Store. */
export interface ParameterStoreOptions extends AwsOptions {
  /** A path, such as `/shop/production`: all below it are read page by page, and names are relative to it. */
  readonly path?: string
}

interface Parameter {
  readonly Name: string
  readonly Value: string
  readonly Version?: number
}
interface Page {
  readonly Parameters?: readonly Parameter[]
  readonly InvalidParameters?: readonly string[]
  readonly NextToken?: string
}

/** How many parameters one call may ask for. */
const most = 10

/**
 * `secret://ssm/shop/mail-key`: AWS Systems Manager Parameter Store, ten parameters a call, or with `path` all below it. `?version=3` and
 * `?region=` ask for others. A name without a slash inside is one of the top; any other begins with one. From `kwik/settings`.
 *
 * @example
 * const settings = await defineSettings(schema, { secrets: [awsParameterStore({ path: '/shop/production' })] })
 */
export function awsParameterStore(options: ParameterStoreOptions = {}): SecretProvider {
  const shown = 'AWS Parameter Store'
  const aws = new AwsService(
    { service: 'ssm', target: 'AmazonSSM', shown, endpointVariable: 'AWS_ENDPOINT_URL_SSM' },
    options,
  )
  const base = options.path?.replace(/\/+$/, '')
  return {
    scheme: options.scheme ?? 'ssm',
    async resolve(references, context) {
      const answers = new Map<string, SecretValue | SecretTrouble>()
      for (const [region, wanted] of aws.byRegion(references, context)) {
        const below = base === undefined ? undefined : await allBelow(aws, base, region, context)
        const rest = wanted.filter((one) => {
          const found = one.params['version'] === undefined ? below?.get(one.name) : undefined
          if (found) answers.set(one.uri, secretOf(aws, found))
          else if (below && one.params['version'] === undefined)
            answers.set(one.uri, { trouble: `${shown} has no ${base}/${one.name}` })
          return !answers.has(one.uri)
        })
        await byName(aws, rest, base, region, context, answers)
      }
      return answers
    },
    async probe(context) {
      for (const region of aws.byRegion([{ params: {} } as SecretReference], context).keys())
        await aws.call('DescribeParameters', { MaxResults: 1 }, region, 'the list of parameters', context)
    },
  }
}

/** Every page of what is below a path. */
async function allBelow(
  aws: AwsService,
  path: string,
  region: string,
  context: SecretContext,
): Promise<Map<string, Parameter>> {
  const found = new Map<string, Parameter>()
  for (let token: string | undefined; ; ) {
    const body = {
      Path: path,
      Recursive: true,
      WithDecryption: true,
      MaxResults: most,
      ...(token && { NextToken: token }),
    }
    const page: Page = await aws.call('GetParametersByPath', body, region, path, context)
    for (const one of page.Parameters ?? []) found.set(one.Name.slice(path.length + 1), one)
    token = page.NextToken
    if (!token) return found
  }
}

async function byName(
  aws: AwsService,
  wanted: readonly SecretReference[],
  base: string | undefined,
  region: string,
  context: SecretContext,
  answers: Map<string, SecretValue | SecretTrouble>,
): Promise<void> {
  const parts = Array.from({ length: Math.ceil(wanted.length / most) }, (_, n) =>
    wanted.slice(n * most, (n + 1) * most),
  )
  await inParallel(parts, async (part) => {
    const Names = part.map((one) => nameOf(one, base))
    try {
      const { Parameters = [], InvalidParameters = [] } = await aws.call<Page>(
        'GetParameters',
        { Names, WithDecryption: true },
        region,
        Names.join(', '),
        context,
      )
      for (const [at, one] of part.entries()) {
        const [, name, version] = /^(.*?)(?::(\d+))?$/.exec(Names[at]!)!
        const found = Parameters.find(
          ({ Name, Version }) => Name === name && (version === undefined || String(Version) === version),
        )
        const trouble = InvalidParameters.includes(Names[at]!) ? 'has no' : 'said nothing about'
        answers.set(one.uri, found ? secretOf(aws, found) : { trouble: `${aws.shown} ${trouble} ${Names[at]}` })
      }
    } catch (error) {
      const trouble = asTrouble(error)
      for (const { uri } of part) answers.set(uri, trouble)
    }
  })
}

function nameOf({ name, params }: SecretReference, base: string | undefined): string {
  const full = base !== undefined ? `${base}/${name}` : name.includes('/') && !name.startsWith('/') ? `/${name}` : name
  return params['version'] === undefined ? full : `${full}:${params['version']}`
}

const secretOf = ({ http }: AwsService, { Value, Version }: Parameter): SecretValue => ({
  value: Value,
  ...(Version !== undefined && { version: String(Version) }),
  ...(http.ttl !== undefined && { ttl: http.ttl }),
})
