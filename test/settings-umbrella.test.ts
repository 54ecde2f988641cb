import { Elysia } from 'elysia'
import { describe, expect, test } from '#test'
import { createLogger } from '../plugins/logging/index.ts'
import { defineSettings, T } from '../plugins/settings/index.ts'
import { kwik, platformSettings, servicesOf } from '../src/index.ts'
import { folder, write } from './plugins/settings/folder.ts'

const schema = T.Object({ ...platformSettings, shop: T.Object({ name: T.String({ default: 'Shop', reload: 'hot' }) }) })
const read = (env: Record<string, string>, dir: string = folder()) =>
  defineSettings(schema, { dir, env: { NODE_ENV: 'test', ...env }, args: [], secretsDir: false })
const silent = createLogger({ write: () => {} })
const ask = (app: { handle(request: Request): Promise<Response> | Response }, path: string, init?: RequestInit) =>
  app.handle(new Request(`http://localhost${path}`, init))

describe('kwik({ settings })', () => {
  test('hands settings to handlers, with their types', async () => {
    const settings = read({ KWIK_SHOP__NAME: 'Other' })
    const app = new Elysia()
      .use(kwik({ settings, logging: { logger: silent }, signals: false }))
      .get('/', ({ settings: own }) => own.shop.name.toUpperCase(), { public: true })
    expect(await (await ask(app, '/')).text()).toBe('OTHER')
  })

  test('lets who runs the app have the last word over who wrote it', async () => {
    const settings = read({
      KWIK_SERVER__BODY_LIMIT: '10',
      KWIK_HEADERS__CORS__ORIGINS: 'https://shop.example.com',
      KWIK_RATE_LIMIT__ROUTES__LIMIT: '2',
      KWIK_OPENAPI__TITLE: 'From settings',
    })
    const platform = kwik({
      settings,
      bodyLimit: 1000,
      logging: { logger: silent },
      rateLimit: { routes: { limit: 100, per: '1h' } },
      openapi: { title: 'From code', version: '3.0.0' },
      signals: false,
    })
    const app = new Elysia().use(platform).post('/', () => 'ok', { public: true, parse: 'text' })
    const origin = 'https://shop.example.com'
    const first = await ask(app, '/', {
      method: 'POST',
      body: 'short',
      headers: { origin, 'content-type': 'text/plain', 'content-length': '5' },
    })
    expect([first.status, first.headers.get('access-control-allow-origin')]).toEqual([200, origin])
    const large = await ask(app, '/', {
      method: 'POST',
      body: 'much too long',
      headers: { 'content-type': 'text/plain', 'content-length': '13' },
    })
    expect(large.status).toBe(413)
    expect((await ask(app, '/', { method: 'POST', body: 'x' })).status).toBe(429)
    const { info } = (await (await ask(app, '/openapi/json')).json()) as { info: { title: string; version: string } }
    expect([info.title, info.version]).toEqual(['From settings', '3.0.0'])
  })

  test('signs with the secret of the settings, but does not mix it with keys of the code', () => {
    const settings = read({ KWIK_TOKENS__SECRET: 's-0123456789-0123456789-0123456789', KWIK_TOKENS__ISSUER: 'shop' })
    const principals = { find: async () => undefined, findByCredential: async () => undefined } as never
    const logging = { logger: silent }
    const made = servicesOf(kwik({ settings, logging, signals: false, tokens: { principals } }))
    expect(made.tokens).toBeDefined()
    const keys = [{ kid: 'k1', secret: 'k-0123456789-0123456789-0123456789' }]
    expect(servicesOf(kwik({ settings, logging, signals: false, tokens: { principals, keys } })).tokens).toBeDefined()
  })

  test('leaves defaults to the code, and parts that the code does not ask for away', async () => {
    const lines: string[] = []
    const settings = read({ KWIK_OPENAPI__TITLE: 'Nobody asked', KWIK_LOG__ACCESS: 'false' })
    const app = new Elysia()
      .use(kwik({ settings, logging: { level: 'debug', write: (line) => void lines.push(line) }, signals: false }))
      .get('/', () => 'ok', { public: true })
    await ask(app, '/')
    expect((await ask(app, '/openapi/json')).status).toBe(404)
    // Nobody gave log.level: what the code says counts more than the default of the setting.
    expect([settings.current.log.level, lines.length]).toEqual(['info', 0])
  })

  test('changes the level of the log when a reload does', async () => {
    const dir = folder()
    const lines: string[] = []
    const settings = read({}, dir)
    const logger = createLogger({ level: 'info', write: (line) => void lines.push(line), format: 'json' })
    const app = new Elysia()
      .use(kwik({ settings, logging: { logger }, signals: false }))
      .get('/', () => 'ok', { public: true })
    await ask(app, '/')
    logger.debug('before')
    write(dir, 'config/base.yaml', 'log: { level: debug }')
    await settings.reload()
    logger.debug('after')
    write(dir, 'config/base.yaml', 'log: { level: debugg }')
    await settings.reload()
    logger.debug('still')
    const said = lines.map((line) => (JSON.parse(line) as { message?: string }).message ?? '')
    expect(said.filter((message) => /^(?:before|after|still)$/.test(message))).toEqual(['after', 'still'])
    expect(said.some((message) => message.startsWith('settings changed: log.level'))).toBe(true)
  })
})
