import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '#test'

const program = fileURLToPath(new URL('../../docs/examples/shop/index.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'kwik-shop-'))
const env = { ...process.env, PORT: '0', HOST: '127.0.0.1', SHOP_FOLDER: folder, NODE_ENV: 'development' }
const shell = async (line: string): Promise<string> => (await promisify(execFile)('bash', ['-c', `${line} -s`])).stdout

/** The demonstration in a process of its own: all that it printed until it was open. */
function start(): Promise<{ said: string; stop(): Promise<number | null> }> {
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((done) => child.on('exit', (code) => done(code)))
  const stop = (): Promise<number | null> => {
    child.kill('SIGTERM')
    return ended
  }
  return new Promise((done, fail) => {
    let said = ''
    const take = (data: Buffer): void => {
      said += data
      if (said.includes('A token of your own') && said.includes('/auth/login')) done({ said, stop })
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    void ended.then(() => fail(new Error(`it ended: ${said}`)))
  })
}

describe('the demonstration', () => {
  let shop: Awaited<ReturnType<typeof start>>
  let lines: string[]
  beforeAll(async () => {
    shop = await start()
    lines = [...shop.said.matchAll(/^ {2}(curl .*)$/gm)].map(([, line]) => line!)
  })
  afterAll(async () => {
    await shop.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('prints a login and curl lines that each work when pasted', async () => {
    expect(lines.length).toBeGreaterThanOrEqual(3)
    const [dearest, teas, coffee, table, made, wrong, login] = await Promise.all(lines.map(shell))
    expect(dearest).toMatch(/^HTTP\/1.1 200/)
    expect(dearest).toMatch(/^link: .*rel="next"/im)
    const page = JSON.parse(dearest!.slice(dearest!.indexOf('{"data"')))
    const prices = page.data.map(({ price }: { price: string }) => Number(price))
    expect(prices).toEqual(prices.toSorted((a: number, b: number) => b - a))
    expect([page.data.length, page.page.hasMore, typeof page.page.next]).toEqual([5, true, 'string'])
    expect(Object.keys(JSON.parse(teas!).data[0])).toEqual(['name', 'price'])
    expect(JSON.parse(coffee!).data.map((row: object) => Object.keys(row))).toEqual(
      Array(3).fill(['name', 'price', 'category']),
    )
    expect(JSON.parse(coffee!).data[0].category).toEqual({ name: 'Coffee' })
    expect(table).toMatch(/^sku,name,stock\r\n(P-\d{5}|NEW-\w+),/)
    expect(JSON.parse(made!)).toMatchObject({ sku: expect.stringMatching(/^NEW-/), price: '4.50' })
    expect(JSON.parse(wrong!).errors.map((issue: { parameter: string }) => issue.parameter)).toEqual([
      'prise[gte]',
      'limit',
    ])
    expect(typeof JSON.parse(login!).accessToken).toBe('string')
  })

  test('has a page for its API, a summary of a class, and users with fewer permissions', async () => {
    const [base] = /http:\/\/[^ /]+/.exec(shop.said)!
    expect((await fetch(`${base}/openapi`)).headers.get('content-type')).toContain('text/html')
    const login = JSON.parse(/-d '(\{"email".*\})'/.exec(shop.said)![1]!)
    const signIn = async (email: string): Promise<Record<string, string>> => {
      const body = JSON.stringify({ ...login, email })
      const answer = await fetch(`${base}/auth/login`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      })
      return { authorization: `Bearer ${((await answer.json()) as { accessToken: string }).accessToken}` }
    }
    const clerk = await signIn('clerk@shop.example')
    const summary = await (await fetch(`${base}/shop/summary`, { headers: clerk })).json()
    expect((summary as { products: number }).products).toBeGreaterThan(2999)
    expect((await fetch(`${base}/users`, { headers: clerk })).status).toBe(403)
    expect((await fetch(`${base}/users`, { headers: await signIn(login.email) })).status).toBe(200)
  })

  test('starts again with the same rows and login', async () => {
    const again = await start()
    expect(await again.stop()).toBe(0)
    const login = /Sign in as .*/.exec(shop.said)![0]
    expect(again.said).toContain(login)
  })
})
