import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterAll, beforeAll, describe, expect, test } from '#test'
import { type SmtpOptions, smtp } from '../../../plugins/email/index.ts'
import { inFolder } from '../../services.ts'

const letter = { to: 'ada@example.com', subject: 'Grüße an Ada', text: 'Hello, Ada.\n' }
const password = 'kept in a vault 42'

let pair: { readonly key: string; readonly cert: string }
beforeAll(async () => {
  pair = await inFolder(async (folder) => {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
    const keys = ['-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert]
    execFileSync('openssl', ['req', '-x509', '-days', '2', ...keys, ...subject], { stdio: 'ignore' })
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  })
})

interface Received {
  readonly from: string
  readonly to: readonly string[]
  readonly source: string
  readonly secure: boolean
  readonly user: unknown
}
const servers: (SMTPServer | Server)[] = []
afterAll(() => {
  for (const server of servers) server.close(() => {})
})

/** A server of mail that keeps what it takes. */
async function server(options: SMTPServerOptions = {}): Promise<{ port: number; received: Received[] }> {
  const received: Received[] = []
  const smtpServer = new SMTPServer({
    authOptional: true,
    logger: false,
    ...pair,
    onAuth: ({ username, password: given }, _session, done) =>
      username === 'app' && given === password ? done(null, { user: username }) : done(new Error('who are you')),
    onData(stream, session, done) {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        received.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          source: Buffer.concat(parts).toString(),
          secure: session.secure,
          user: session.user,
        })
        done()
      })
    },
    ...options,
  })
  smtpServer.on('error', () => {})
  servers.push(smtpServer)
  const listening = smtpServer.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  return { port: (listening.address() as { port: number }).port, received }
}

const mailerTo = (port: number, more: Partial<SmtpOptions> = {}) =>
  smtp({ host: 'localhost', port, from: 'Shop <hello@example.com>', ca: pair.cert, ...more })

describe('mail by SMTP', () => {
  test('leaves by STARTTLS, signed in, with what it says', async () => {
    const { port, received } = await server()
    const mailer = mailerTo(port, { user: 'app', password })
    const more = { html: '<p>Hello</p>', replyTo: 'help@example.com', headers: { 'X-Shop': 'yes' } }
    await mailer.send({ ...letter, ...more })
    await mailer.close?.()
    expect(received).toMatchObject([{ from: 'hello@example.com', to: ['ada@example.com'], secure: true, user: 'app' }])
    const { source } = received[0]!
    for (const line of [
      'From: Shop <hello@example.com>',
      'To: ada@example.com',
      'Reply-To: help@example.com',
      'X-Shop: yes',
    ])
      expect(source).toContain(line)
    expect(source).toContain('Hello, Ada.')
    expect(source).toContain('<p>Hello</p>')
    expect(source).toMatch(/^Subject: =\?UTF-8\?/m)
  })

  test('leaves by TLS from the first byte', async () => {
    const { port, received } = await server({ secure: true })
    await mailerTo(port, { secure: true, user: 'app', password }).send({ ...letter, from: 'Other <other@example.com>' })
    expect(received).toMatchObject([{ from: 'other@example.com', secure: true, user: 'app' }])
  })

  test('does not leave where nothing is encrypted, unless the app says so', async () => {
    const { port, received } = await server({ hideSTARTTLS: true, disabledCommands: ['STARTTLS'] })
    await expect(mailerTo(port, { user: 'app', password }).send(letter)).rejects.toMatchObject({
      trouble: 'encryption',
    })
    expect(received).toEqual([])
    await mailerTo(port, { allowUnencrypted: true }).send(letter)
    expect(received).toMatchObject([{ secure: false }])
  })

  test('does not leave to a server that cannot prove who it is', async () => {
    const { port, received } = await server()
    const mailer = smtp({ host: 'localhost', port, from: 'hello@example.com' })
    await expect(mailer.send(letter)).rejects.toMatchObject({ trouble: 'encryption' })
    expect(received).toEqual([])
  })

  const refusals: [string, SMTPServerOptions, string][] = [
    [
      'for good',
      { onRcptTo: (_a, _s, done) => done(Object.assign(new Error('no such user'), { responseCode: 550 })) },
      'refused',
    ],
    [
      'for now',
      { onRcptTo: (_a, _s, done) => done(Object.assign(new Error('come back'), { responseCode: 451 })) },
      'busy',
    ],
    [
      'for its sender',
      { onMailFrom: (_a, _s, done) => done(Object.assign(new Error('not you'), { responseCode: 553 })) },
      'refused',
    ],
  ]
  for (const [name, options, trouble] of refusals)
    test(`that is refused ${name} says so`, async () => {
      const { port } = await server(options)
      await expect(mailerTo(port).send(letter)).rejects.toMatchObject({ name: 'MailError', trouble })
    })

  test('that is not let in says so, and neither the password nor the mail is told', async () => {
    const { port, received } = await server()
    const error = await mailerTo(port, { user: 'app', password: 'the wrong one' })
      .send({ ...letter, text: 'a link of somebody' })
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'MailError', trouble: 'credentials' })
    const told = `${inspect(error, { depth: 9 })} ${JSON.stringify(error)} ${(error as Error).stack}`
    for (const secret of ['the wrong one', Buffer.from('\0app\0the wrong one').toString('base64'), 'a link of', 'ada@'])
      expect(told).not.toContain(secret)
    expect(received).toEqual([])
  })

  test('to a server that is not there, or says nothing, fails in time', async () => {
    await expect(mailerTo(1).send(letter)).rejects.toMatchObject({ trouble: 'unreachable' })
    const silent = createServer(() => {}).listen(0, '127.0.0.1')
    servers.push(silent)
    await once(silent, 'listening')
    const { port } = silent.address() as { port: number }
    await expect(mailerTo(port, { connectTimeout: '200ms' }).send(letter)).rejects.toMatchObject({
      trouble: 'unreachable',
    })
  })
})

test('options that cannot hold are refused', () => {
  const right = { host: 'mail.example.com', from: 'hello@example.com' }
  for (const [wrong, words] of [
    [{ host: '' }, 'host is missing'],
    [{ user: 'app' }, 'user and password go together'],
    [{ password: 'x' }, 'user and password go together'],
    [{ from: 'Shop' }, 'is no sender'],
    [{ from: 'a@example.com, b@example.com' }, 'is no sender'],
    [{ timeout: 'soon' as never }, 'is no duration'],
  ] as const)
    expect(() => smtp({ ...right, ...wrong })).toThrow(words)
})
