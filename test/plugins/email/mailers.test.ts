import { Elysia } from 'elysia'
import { core } from '#core/access'
import { stopGracefully } from '#core/lifecycle'
import { describe, expect, test } from '#test'
import { email, logMailer, memoryMailer } from '../../../plugins/email/index.ts'

const letter = { to: 'ada@example.com', subject: 'Hello', text: 'Follow https://example.com/#token=abc' }

/** With a variable of the environment, which is as it was afterwards. */
function withVariable(name: string, value: string, run: () => void): void {
  const before = process.env[name]
  process.env[name] = value
  try {
    run()
  } finally {
    if (before === undefined) delete process.env[name]
    else process.env[name] = before
  }
}

describe('mail in the log', () => {
  test('is there whole, so that its link can be followed', async () => {
    const written: string[] = []
    await logMailer({ write: (text) => void written.push(text) }).send(letter)
    expect(written).toEqual(['mail to ada@example.com: Hello\n\nFollow https://example.com/#token=abc\n'])
  })

  test('is refused in production, unless the app says that it knows', async () => {
    for (const name of ['NODE_ENV', 'KWIK_PROFILE'])
      withVariable(name, 'production', () => {
        expect(() => logMailer()).toThrow('links that reset passwords')
        expect(() => logMailer({ allowInProduction: true })).not.toThrow()
      })
  })
})

test('mail in memory is kept in order', async () => {
  const mailer = memoryMailer()
  await mailer.send(letter)
  await mailer.send({ ...letter, subject: 'Again' })
  expect([mailer.sent.length, mailer.lastTo('ada@example.com')?.subject]).toEqual([2, 'Again'])
  expect(mailer.lastTo('bob@example.com')).toBe(undefined)
  mailer.clear()
  expect(mailer.sent).toEqual([])
})

describe('a message', () => {
  const mailer = memoryMailer()
  for (const [name, wrong, words] of [
    ['to two addresses', { to: 'a@example.com, b@example.com' }, 'to must be one address'],
    ['to a group', { to: 'all: a@example.com;' }, 'to must be one address'],
    ['to an address with a name', { to: 'Ada <a@example.com>' }, 'to must be one address'],
    ['to a quoted address with another inside', { to: '"v@gmail.com x"@int' }, 'to must be one address'],
    ['to an address with a line break', { to: 'a@example.com\r\nbcc: b@example.com' }, 'to must be one address'],
    ['to nobody', { to: '' }, 'to must be one address'],
    ['with a line break in the subject', { subject: 'Hi\r\nbcc: b@example.com' }, 'subject must be one line'],
    ['with a line break in a header', { headers: { 'x-a': 'b\r\nbcc: c@example.com' } }, 'x-a must be one line'],
    ['with a header whose name is none', { headers: { 'x-a\r\nbcc': 'b' } }, 'cannot be a header'],
    ['with recipients in a header', { headers: { Bcc: 'b@example.com' } }, 'cannot be a header'],
    ['from two', { from: 'a@example.com, b@example.com' }, 'from must be one address'],
    ['from a name with a line break', { from: 'A\nB <a@example.com>' }, 'from must be one address'],
    ['with answers to two', { replyTo: 'a@example.com b@example.com' }, 'replyTo must be one address'],
  ] as const)
    test(`${name} does not leave`, async () => {
      await expect(mailer.send({ ...letter, ...wrong })).rejects.toMatchObject({
        name: 'MailError',
        trouble: 'message',
        message: expect.stringContaining(words),
      })
      expect(mailer.sent).toEqual([])
    })

  test('from a person with a name leaves', async () => {
    const one = memoryMailer()
    await one.send({
      ...letter,
      from: 'Shop <hello@example.com>',
      replyTo: 'help@example.com',
      headers: { 'x-a': 'b' },
    })
    expect(one.sent).toHaveLength(1)
  })
})

test('handlers find the mailer, and it is closed when the app stops', async () => {
  let closed = 0
  const mailer = { ...memoryMailer(), close: async () => void closed++ }
  const app = new Elysia()
    .use(core({ signals: false }))
    .use(email({ mailer }))
    .post(
      '/hello',
      async ({ mailer: given }) => {
        await given.send(letter)
        return 'sent'
      },
      { public: true },
    )
  expect(await (await app.handle(new Request('http://localhost/hello', { method: 'POST' }))).text()).toBe('sent')
  expect(mailer.sent).toHaveLength(1)
  await stopGracefully(app)
  expect(closed).toBe(1)
})
