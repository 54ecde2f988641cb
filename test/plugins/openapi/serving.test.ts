import { createHash } from 'node:crypto'
import { Elysia } from 'elysia'
import { core } from '#core/access'
import type { Principal } from '#core/scope'
import { serve } from '#core/serve'
import { describe, expect, test } from '#test'
import { openapi } from '../../../plugins/openapi/index.ts'
import { identity } from '../../fixtures/plugins/identity.ts'

const at = (path: string, headers: Record<string, string> = {}) => new Request(`http://localhost${path}`, { headers })
const reader: Principal = { id: 'r', via: 'bearer', user: { id: 'r' }, permissions: new Set(['docs:read']) }
const authenticate = (request: Request) => (request.headers.get('authorization') === 'reader' ? reader : null)

describe('openapi()', () => {
  for (const path of ['/openapi', '/swagger'])
    test(`serves the page at ${path} and the document at ${path}/json, to anybody`, async () => {
      const app = new Elysia().use(core()).use(openapi())
      const page = await app.handle(at(path))
      expect(page.status).toBe(200)
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
      const json = await app.handle(at(`${path}/json`))
      expect(json.headers.get('content-type')).toBe('application/json')
      expect((await json.json()).openapi).toBe('3.1.1')
    })

  test('works alone, on a real socket, and answers HEAD', async () => {
    const app = new Elysia().use(openapi()).get('/x', () => 'x')
    const served = await serve(app, { port: 0, hostname: '127.0.0.1' })
    const origin = `http://127.0.0.1:${served.port}`
    expect(Object.keys((await (await fetch(`${origin}/openapi/json`)).json()).paths)).toEqual(['/x'])
    const head = await fetch(`${origin}/openapi`, { method: 'HEAD' })
    expect(head.status).toBe(200)
    expect(await head.text()).toBe('')
    await served.stop()
  })

  test('answers 304 to who has the document already', async () => {
    const app = new Elysia().use(core()).use(openapi())
    const etag = (await app.handle(at('/openapi/json'))).headers.get('etag')!
    const again = await app.handle(at('/openapi/json', { 'if-none-match': `W/${etag}` }))
    expect(again.status).toBe(304)
    expect(await again.text()).toBe('')
    expect(again.headers.get('etag')).toBe(etag)
    expect((await app.handle(at('/openapi/json', { 'if-none-match': '"other"' }))).status).toBe(200)
  })

  test('asks for a sign-in or a permission when it is told to', async () => {
    const make = (options: Parameters<typeof openapi>[0]) =>
      new Elysia().use(core()).use(identity({ authenticate })).use(openapi(options))
    expect((await make({ public: false }).handle(at('/openapi/json'))).status).toBe(401)
    expect((await make({ permission: 'docs:all' }).handle(at('/openapi', { authorization: 'reader' }))).status).toBe(
      403,
    )
    expect((await make({ permission: 'docs:read' }).handle(at('/openapi', { authorization: 'reader' }))).status).toBe(
      200,
    )
    expect(() => openapi({ public: true, permission: 'docs:read' })).toThrow('contradict')
  })

  test('has the routes that come later, with a lazy module', async () => {
    const app = new Elysia()
      .use(core())
      .use(openapi())
      .get('/now', () => 'x', { public: true })
    const paths = async () => Object.keys((await (await app.handle(at('/openapi/json'))).json()).paths)
    expect(await paths()).toEqual(['/now'])
    const late = new Elysia().get('/later/:id', () => 'x', { public: true } as {})
    app.use(Promise.resolve({ default: late }) as never)
    await app.modules
    expect(await paths()).toEqual(['/now', '/later/{id}'])
  })

  test('takes other paths, and can leave the page and the alias away', async () => {
    const app = new Elysia().use(core()).use(openapi({ path: '/docs', alias: false, page: false }))
    expect((await app.handle(at('/docs/json'))).status).toBe(200)
    for (const path of ['/docs', '/openapi', '/swagger']) expect((await app.handle(at(path))).status).toBe(404)
    expect(() => openapi({ path: 'docs' })).toThrow("is no path such as '/openapi'")
  })
})

describe('the page', () => {
  const load = async (title = 'Shop') => {
    const response = await new Elysia().use(core()).use(openapi({ title })).handle(at('/openapi'))
    return { html: await response.text(), policy: response.headers.get('content-security-policy')! }
  }

  test('loads nothing from elsewhere, and its policy lets in its one script and style', async () => {
    const { html, policy } = await load()
    expect(html).not.toMatch(/https?:\/\//)
    expect(html.length).toBeLessThan(60_000)
    const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
    const [, script] = /<script>([\s\S]*)<\/script>/.exec(html)!
    const [, style] = /<style>([\s\S]*)<\/style>/.exec(html)!
    expect(policy).toContain(`script-src ${hash(script!)}`)
    expect(policy).toContain(`style-src ${hash(style!)}`)
    expect(policy).toContain("default-src 'none'")
    expect(script).not.toContain('innerHTML')
  })

  test('takes a title as text', async () => {
    expect((await load('<img src=x>')).html).toContain('<title>&#60;img src=x&#62;</title>')
  })
})
