import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  BatchGetSecretValueCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { GetParametersByPathCommand, GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm'
import { describe, expect, test } from '#test'
import { awsParameterStore, awsSecretsManager, defineSettings, T } from '../../../plugins/settings/index.ts'
import { canary, mark } from '../../canary.ts'
import { ask, contextOf, quick } from '../../fixtures/stores/ask.ts'
import { type FakeAws, fakeAws } from '../../fixtures/stores/aws.ts'
import { faultsOfLater, folder } from './folder.ts'

const keys = { AWS_ACCESS_KEY_ID: 'AKIDFAKE', AWS_SECRET_ACCESS_KEY: 'fake-secret-key', AWS_REGION: 'eu-central-1' }
const envOf = ({ url }: FakeAws) => ({ ...keys, AWS_ENDPOINT_URL: url })

describe('the fake of AWS', () => {
  const client = ({ url }: FakeAws, secretAccessKey = 'fake-secret-key') => ({
    endpoint: url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'AKIDFAKE', secretAccessKey },
    maxAttempts: 1,
  })

  test("is one to AWS's own clients, which pass, and are refused with a wrong key", async () => {
    const aws = await fakeAws()
    aws.world.secrets.set('app/db', '{"password":"x"}')
    aws.world.parameters.set('/app/key', 'y')
    const secrets = new SecretsManagerClient(client(aws))
    expect((await secrets.send(new GetSecretValueCommand({ SecretId: 'app/db' }))).SecretString).toBe(
      '{"password":"x"}',
    )
    const batch = await secrets.send(new BatchGetSecretValueCommand({ SecretIdList: ['app/db', 'gone'] }))
    expect([batch.SecretValues?.[0]?.SecretString, batch.Errors?.[0]?.ErrorCode]).toEqual([
      '{"password":"x"}',
      'ResourceNotFoundException',
    ])
    const parameters = new SSMClient(client(aws))
    const found = await parameters.send(new GetParametersCommand({ Names: ['/app/key', '/no'], WithDecryption: true }))
    expect([found.Parameters?.[0]?.Value, found.InvalidParameters]).toEqual(['y', ['/no']])
    const page = await parameters.send(new GetParametersByPathCommand({ Path: '/app', WithDecryption: true }))
    expect(page.Parameters?.[0]?.Name).toBe('/app/key')
    const wrong = new SecretsManagerClient(client(aws, 'another-key'))
    const refused = await wrong
      .send(new GetSecretValueCommand({ SecretId: 'app/db' }))
      .catch((error: Error) => error.name)
    expect(refused).toBe('InvalidSignatureException')
    for (const one of [secrets, parameters, wrong]) one.destroy()
  })
})

describe('AWS Secrets Manager', () => {
  test('gives secrets by name, by ARN and by version, as texts and as fields', async () => {
    const aws = await fakeAws()
    aws.world.secrets.set('app/db', '{"password":"p"}').set('plain', 'text').set('bytes', 'binary:b')
    aws.world.versions.set('plain@AWSPREVIOUS', 'older').set('plain@v7', 'seventh')
    const arn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:plain'
    const uris = [
      'secret://aws/app/db',
      'secret://aws/plain',
      'secret://aws/bytes',
      `secret://aws/${arn}-AbCdEf`,
      `secret://aws/${arn}`,
      'secret://aws/plain?stage=AWSPREVIOUS',
      'secret://aws/plain?version=v7',
      'secret://aws/gone',
    ]
    expect(await ask(awsSecretsManager(quick), uris, envOf(aws))).toEqual([
      '{"password":"p"}',
      'text',
      'binary:b',
      'text',
      'text',
      'older',
      'seventh',
      "!AWS Secrets Manager answered ResourceNotFoundException: Secrets Manager can't find the specified secret. for gone",
    ])
    expect(aws.world.scope).toBe('eu-central-1/secretsmanager')
  })

  test('is asked for 45 names in 3 calls', async () => {
    const aws = await fakeAws()
    const names = Array.from({ length: 45 }, (_, n) => `name-${n}`)
    for (const name of names) aws.world.secrets.set(name, `value of ${name}`)
    const values = await ask(
      awsSecretsManager(quick),
      names.map((name) => `secret://aws/${name}`),
      envOf(aws),
    )
    expect(values).toEqual(names.map((name) => `value of ${name}`))
    expect(aws.actions()).toEqual(Array.from({ length: 3 }, () => 'secretsmanager.BatchGetSecretValue'))
  })

  test('is asked in the region of the reference', async () => {
    const aws = await fakeAws()
    aws.world.secrets.set('a', '1')
    expect(await ask(awsSecretsManager(quick), ['secret://aws/a?region=us-west-2'], envOf(aws))).toEqual(['1'])
    expect(aws.world.scope).toBe('us-west-2/secretsmanager')
    const nowhere = { ...envOf(aws), AWS_REGION: '' }
    await expect(ask(awsSecretsManager(quick), ['secret://aws/a'], nowhere)).rejects.toThrow('needs a region')
  })

  test('that throttles is asked again; one that denies is not', async () => {
    const aws = await fakeAws()
    aws.world.secrets.set('a', '1')
    aws.world.throttle = 2
    expect(await ask(awsSecretsManager(quick), ['secret://aws/a'], envOf(aws))).toEqual(['1'])
    expect(aws.actions().length).toBe(3)
    aws.world.denied.add('a')
    const denied = await ask(awsSecretsManager(quick), ['secret://aws/a?stage=X'], envOf(aws))
    expect(denied).toEqual([
      '!AWS Secrets Manager answered 400 AccessDeniedException: User: arn:aws:iam::123456789012:user/api is not authorized to perform this action for a',
    ])
    expect(aws.actions().length).toBe(4)
    aws.world.throttle = 99
    expect((await ask(awsSecretsManager(quick), ['secret://aws/a'], envOf(aws)))[0]).toMatch(/^!!.*ThrottlingException/)
    expect(aws.actions().length).toBe(8)
  })

  test('with a wrong key says so, once', async () => {
    const aws = await fakeAws()
    const env = { ...envOf(aws), AWS_SECRET_ACCESS_KEY: `${canary}-wrong` }
    const [trouble] = await ask(awsSecretsManager(quick), ['secret://aws/a'], env)
    expect(trouble).toMatch(/^!AWS Secrets Manager answered 400 InvalidSignatureException/)
    expect([String(trouble).includes(mark), aws.actions().length]).toEqual([false, 1])
  })

  test('that nobody answers for is unreachable', async () => {
    const env = { ...keys, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }
    expect((await ask(awsSecretsManager(quick), ['secret://aws/a'], env))[0]).toMatch(
      /^!!AWS Secrets Manager did not answer at 127\.0\.0\.1:9 /,
    )
  })
})

describe('credentials for AWS', () => {
  const secret = ['secret://aws/a']
  const world = async () => {
    const aws = await fakeAws()
    aws.world.secrets.set('a', '1')
    return aws
  }

  test('come from a web identity', async () => {
    const aws = await world()
    const file = join(folder({ token: 'web-identity-token\n' }), 'token')
    const env = {
      AWS_ENDPOINT_URL: aws.url,
      AWS_REGION: 'eu-central-1',
      AWS_WEB_IDENTITY_TOKEN_FILE: file,
      AWS_ROLE_ARN: 'arn:aws:iam::1:role/api',
    }
    expect(await ask(awsSecretsManager(quick), secret, env)).toEqual(['1'])
    writeFileSync(file, 'another')
    await expect(ask(awsSecretsManager(quick), secret, env).then((all) => Promise.reject(all[0]))).rejects.toBe(
      '!AWS answered 400 InvalidIdentityToken for the role arn:aws:iam::1:role/api',
    )
  })

  test('come from the container, and are sent to nobody far away', async () => {
    const aws = await world()
    const base = { AWS_ENDPOINT_URL: aws.url, AWS_REGION: 'eu-central-1' }
    const token = join(folder({ token: 'container-token' }), 'token')
    const full = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.url}/container` }
    const ways: Record<string, string>[] = [
      { AWS_CONTAINER_AUTHORIZATION_TOKEN: 'container-token' },
      { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: token },
    ]
    for (const more of ways)
      expect(
        await ask(awsSecretsManager(quick), secret, { ...base, ...full, ...more } as Record<string, string>),
      ).toEqual(['1'])
    const far = { ...base, AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://credentials.example/' }
    expect((await ask(awsSecretsManager(quick), secret, far))[0]).toContain('neither https nor on this machine')
  })

  test("come from the machine's metadata, which wants a token first", async () => {
    const aws = await world()
    const env = { AWS_ENDPOINT_URL: aws.url, AWS_REGION: 'eu-central-1', AWS_EC2_METADATA_SERVICE_ENDPOINT: aws.url }
    expect(await ask(awsSecretsManager(quick), secret, env)).toEqual(['1'])
    expect(aws.arrived.slice(0, 3).map(({ method, path }) => `${method} ${path}`)).toEqual([
      'PUT /latest/api/token',
      'GET /latest/meta-data/iam/security-credentials/',
      'GET /latest/meta-data/iam/security-credentials/api-role',
    ])
    const off = { ...env, AWS_EC2_METADATA_DISABLED: 'true' }
    expect((await ask(awsSecretsManager(quick), secret, off))[0]).toContain('no credentials for AWS were found')
  })

  test('that have expired are obtained anew', async () => {
    const aws = await world()
    const env = { AWS_ENDPOINT_URL: aws.url, AWS_REGION: 'eu-central-1', AWS_EC2_METADATA_SERVICE_ENDPOINT: aws.url }
    const provider = awsSecretsManager(quick)
    expect(await ask(provider, secret, env)).toEqual(['1'])
    // The clock says that they are good; AWS says that they are not.
    for (const user of aws.world.users.values()) user.expires = 1
    expect(await ask(provider, secret, env)).toEqual(['1'])
    expect(aws.actions().length).toBe(3)
    // Shortly before their own end they are obtained anew without a refusal.
    const late = Date.now() + 3_570_000
    expect(await ask(provider, secret, env, { clock: { now: () => late } })).toMatchObject({ length: 1 })
    expect(aws.arrived.filter(({ path }) => path.endsWith('/api-role')).length).toBe(3)
  })
})

describe('AWS Parameter Store', () => {
  test('gives parameters by name, ten a call, and by version', async () => {
    const aws = await fakeAws()
    const names = Array.from({ length: 25 }, (_, n) => `/shop/p${n}`)
    for (const name of names) aws.world.parameters.set(name, `value of ${name}`)
    aws.world.parameters.set('top', 'level')
    const uris = [
      ...names.map((name) => `secret://ssm${name}`),
      'secret://ssm/top',
      'secret://ssm/shop/p1?version=4',
      'secret://ssm/shop/no',
    ]
    const values = await ask(awsParameterStore(quick), uris, envOf(aws))
    expect(values).toEqual([
      ...names.map((name) => `value of ${name}`),
      'level',
      'value of /shop/p1',
      '!AWS Parameter Store has no /shop/no',
    ])
    expect(aws.actions()).toEqual(Array.from({ length: 3 }, () => 'AmazonSSM.GetParameters'))
  })

  test('is read page by page below a path', async () => {
    const aws = await fakeAws()
    for (let n = 0; n < 23; n++) aws.world.parameters.set(`/shop/production/p${n}`, `${n}`)
    const provider = awsParameterStore({ ...quick, path: '/shop/production/' })
    const uris = ['secret://ssm/p0', 'secret://ssm/p22', 'secret://ssm/no', 'secret://ssm/p3?version=2']
    expect(await ask(provider, uris, envOf(aws))).toEqual([
      '0',
      '22',
      '!AWS Parameter Store has no /shop/production/no',
      '3',
    ])
    expect(aws.actions()).toEqual([
      ...Array.from({ length: 3 }, () => 'AmazonSSM.GetParametersByPath'),
      'AmazonSSM.GetParameters',
    ])
  })

  test('and the other store say whether they let us in', async () => {
    const aws = await fakeAws()
    await awsParameterStore(quick).probe!(contextOf(envOf(aws)))
    await awsSecretsManager(quick).probe!(contextOf(envOf(aws)))
    const wrong = contextOf({ ...envOf(aws), AWS_SECRET_ACCESS_KEY: 'no' })
    await expect(awsParameterStore(quick).probe!(wrong)).rejects.toThrow('InvalidSignatureException')
  })
})

test('settings with references to AWS are there, or say in one go which are not', async () => {
  const aws = await fakeAws()
  aws.world.secrets.set('app/jwt', `{"key":"${canary}-0123456789"}`)
  aws.world.denied.add('app/mail')
  const schema = T.Object({
    jwt: T.Secret({ minLength: 8 }),
    mail: T.Optional(T.String()),
    port: T.Integer({ default: 1 }),
  })
  const read = (text: string) =>
    defineSettings(schema, {
      dir: folder({ 'config/base.yaml': text }),
      env: envOf(aws),
      args: [],
      secretsDir: false,
      secrets: [awsSecretsManager(quick)],
    })
  const settings = await read('jwt: secret://aws/app/jwt#key')
  expect(settings.current.jwt.reveal()).toBe(`${canary}-0123456789`)
  expect(settings.explain('jwt')).toMatchObject({ value: '***', reference: 'secret://aws/app/jwt#key' })
  const faults = await faultsOfLater(() =>
    read('jwt: secret://aws/app/jwt#kye\nmail: secret://aws/app/mail\nport: secret://awss/x'),
  )
  expect(faults).toEqual([
    'secret://aws/app/jwt#kye: the secret has no field kye (jwt, from config/base.yaml:1:6)',
    'secret://aws/app/mail: AWS Secrets Manager answered AccessDeniedException: User: arn:aws:iam::123456789012:user/api is not authorized to perform this action for app/mail (mail, from config/base.yaml:2:7)',
    'secret://awss/x: nobody here is called awss, did you mean "aws"? (port, from config/base.yaml:3:7)',
  ])
})
