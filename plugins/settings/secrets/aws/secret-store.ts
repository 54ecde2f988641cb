import {
  asTrouble,
  type SecretContext,
  type SecretProvider,
  type SecretTrouble,
  type SecretValue,
} from '../provider.ts'
import type { SecretReference } from '../reference.ts'
import { inParallel, said } from '../store-http.ts'
import { type AwsOptions, AwsService } from './service.ts'

interface Secret {
  readonly ARN?: string
  readonly Name?: string
  readonly SecretString?: string
  readonly SecretBinary?: string
  readonly VersionId?: string
}

interface Batch {
  readonly SecretValues?: readonly Secret[]
  readonly Errors?: readonly { readonly SecretId?: string; readonly ErrorCode?: string; readonly Message?: string }[]
}

/** How many secrets one call may ask for. */
const most = 20

/**
 * `secret://aws/app/database#password`: AWS Secrets Manager, twenty secrets a call. `?version=<id>` and `?stage=AWSPREVIOUS` ask
 * for another version, `?region=` for another region. From `kwik/settings`.
 *
 * @example
 * const settings = await defineSettings(schema, { secrets: [awsSecretsManager({ region: 'eu-central-1' })] })
 */
export function awsSecretsManager(options: AwsOptions = {}): SecretProvider {
  const shown = 'AWS Secrets Manager'
  const endpointVariable = 'AWS_ENDPOINT_URL_SECRETS_MANAGER'
  const aws = new AwsService({ service: 'secretsmanager', target: 'secretsmanager', shown, endpointVariable }, options)
  return {
    scheme: options.scheme ?? 'aws',
    async resolve(references, context) {
      const answers = new Map<string, SecretValue | SecretTrouble>()
      for (const [region, wanted] of aws.byRegion(references, context)) {
        const isPlain = ({ params }: SecretReference) =>
          params['version'] === undefined && params['stage'] === undefined
        await Promise.all([
          batches(aws, wanted.filter(isPlain), region, context, answers),
          inParallel(
            wanted.filter((one) => !isPlain(one)),
            async (one) => void answers.set(one.uri, await single(aws, one, region, context)),
          ),
        ])
      }
      return answers
    },
    async probe(context) {
      for (const region of aws.byRegion([{ params: {} } as SecretReference], context).keys())
        await aws.call('ListSecrets', { MaxResults: 1 }, region, 'the list of secrets', context)
    },
  }
}

async function batches(
  aws: AwsService,
  wanted: readonly SecretReference[],
  region: string,
  context: SecretContext,
  answers: Map<string, SecretValue | SecretTrouble>,
): Promise<void> {
  const parts = Array.from({ length: Math.ceil(wanted.length / most) }, (_, n) =>
    wanted.slice(n * most, (n + 1) * most),
  )
  await inParallel(parts, async (part) => {
    const SecretIdList = part.map(({ name }) => name)
    try {
      const batch = await aws.call<Batch>(
        'BatchGetSecretValue',
        { SecretIdList },
        region,
        SecretIdList.join(', '),
        context,
      )
      for (const one of part) answers.set(one.uri, inBatch(aws, batch, one))
    } catch (error) {
      const trouble = asTrouble(error)
      for (const { uri } of part) answers.set(uri, trouble)
    }
  })
}

/** Found by name or ARN, also by one that lacks the six characters which AWS adds. */
function inBatch(
  aws: AwsService,
  { SecretValues = [], Errors = [] }: Batch,
  { name }: SecretReference,
): SecretValue | SecretTrouble {
  const found = SecretValues.find(
    (one) => one.Name === name || one.ARN === name || one.ARN?.replace(/-[^-]{6}$/, '') === name,
  )
  if (found) return secretOf(aws, found)
  const { ErrorCode = 'ResourceNotFoundException', Message } = Errors.find(({ SecretId }) => SecretId === name) ?? {}
  return { trouble: `${aws.shown} answered ${ErrorCode}${Message ? `: ${said(Message)}` : ''} for ${name}` }
}

async function single(
  aws: AwsService,
  one: SecretReference,
  region: string,
  context: SecretContext,
): Promise<SecretValue | SecretTrouble> {
  const { version, stage } = one.params
  const body = { SecretId: one.name, ...(version && { VersionId: version }), ...(stage && { VersionStage: stage }) }
  try {
    return secretOf(aws, await aws.call<Secret>('GetSecretValue', body, region, one.name, context))
  } catch (error) {
    return asTrouble(error)
  }
}

const secretOf = ({ http }: AwsService, { SecretString, SecretBinary, VersionId }: Secret): SecretValue => ({
  value: SecretString ?? Buffer.from(SecretBinary ?? '', 'base64').toString('utf8'),
  ...(VersionId !== undefined && { version: VersionId }),
  ...(http.ttl !== undefined && { ttl: http.ttl }),
})
