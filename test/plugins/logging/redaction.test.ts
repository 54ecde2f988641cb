import { describe, expect, test } from '#test'
import { createLogger, getLogger } from '../../../plugins/logging/index.ts'
import { canary, mark } from '../../canary.ts'
import { logged } from './lines.ts'

const jwt = `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${canary.replaceAll('-', '_')}`

function written(
  message: string,
  properties?: Record<string, unknown>,
  redact: string[] = [],
  format: 'json' | 'pretty' = 'json',
): string {
  const lines: string[] = []
  createLogger({ write: (line) => void lines.push(line), format, redact }).info(message, properties)
  return lines.join('\n')
}

class Sealed {
  #text = canary
  reveal() {
    return this.#text
  }
  toJSON() {
    return '***'
  }
}

const places: Record<string, [string, Record<string, unknown>?]> = {
  'a field': ['m', { password: canary }],
  'a number': ['m', { pinPassword: 4711 }],
  'a nested field': ['m', { user: { deep: [{ access_token: canary }] } }],
  'a list of secrets': ['m', { tokens: [canary] }],
  'a header object': ['m', { headers: { Authorization: canary, 'Set-Cookie': canary, 'x-api-key': canary } }],
  'real headers': ['m', { headers: new Headers({ authorization: `Bearer ${canary}`, cookie: `s=${canary}` }) }],
  'a map': ['m', { map: new Map([['clientSecret', canary]]) }],
  'a secret object': ['m', { value: new Sealed() }],
  'a token in a text': ['m', { note: `see ${jwt} there` }],
  'a token in the message': [`got ${jwt}`],
  'an API key in a text': ['m', { note: `see kwik_${'0a'.repeat(16)}_${canary}${'x'.repeat(37)} there` }],
  'a header in the message': [`sent Authorization: Bearer ${canary}`],
  'a URL': ['m', { url: `postgres://app:${canary}@db/app` }],
  'a URL whose password has characters that a URL cannot have': [
    'm',
    { url: `postgres://app:p/4711#?${canary}@db/app` },
  ],
  'an object printed into a text': [`refused { password: '${canary}', token: "${canary}" }`],
  'a URL object': ['m', { at: new URL(`postgres://app:${canary}@db/app`) }],
  'a password in the message': [`cannot log in with password=${canary}`],
  'JSON in a text': ['m', { body: `{"user":"a","password":"${canary}"}` }],
  'an error': ['m', { error: new Error(`connect postgres://app:${canary}@db/app`) }],
  'a cause': ['m', { error: new Error('x', { cause: new Error(`token=${canary}`) }) }],
  'many errors': ['m', { error: new AggregateError([new Error(`secret=${canary}`)], 'several') }],
  'fields of an error': [
    'm',
    { error: Object.assign(new Error('x'), { params: [canary], detail: `Key (a)=(${canary})` }) },
  ],
  'values of a failed query': [
    'm',
    { error: new Error(`Failed query: insert into users values ($1)\nparams: ${canary},2\nthird`) },
  ],
}

describe('what must not be seen', () => {
  for (const [name, [message, properties]] of Object.entries(places))
    test(`is not seen: ${name}`, () => {
      for (const format of ['json', 'pretty'] as const) {
        const line = written(message, properties, [], format)
        expect(line).not.toContain(mark)
        expect(line).not.toContain('4711')
      }
    })

  test('can be more than Kwik knows', () => {
    expect(written('m', { taxNumber: canary, 'tax-number': canary }, ['tax_number'])).not.toContain(mark)
  })

  test('is not seen in the values of a LogTape message either', async () => {
    const { ask, texts } = logged(
      (app) =>
        app.get(
          '/x',
          () => {
            getLogger('app').info('login of {name} with {password} at {url}', {
              name: 'alice',
              password: canary,
              url: `https://a:${canary}@b`,
            })
            return 'ok'
          },
          { public: true } as never,
        ),
      { access: false },
    )
    await ask('/x')
    expect(texts.join()).not.toContain(mark)
    expect(JSON.parse(texts[0]!)).toMatchObject({
      message: 'login of alice with *** at https://a:***@b',
      name: 'alice',
    })
  })

  test('is not seen after a whole request with a secret at every place', async () => {
    const { ask, texts } = logged((app) =>
      app.post(
        '/login',
        () => {
          throw new Error(`password=${canary}`)
        },
        { public: true } as never,
      ),
    )
    await ask(`/login?token=${canary}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${canary}`,
        cookie: `s=${canary}`,
        'x-api-key': canary,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ password: canary }),
    })
    expect(texts.length).toBe(2)
    expect(texts.join('\n')).not.toContain(mark)
  })
})

describe('a value', () => {
  test('without end is cut, with a mark', () => {
    const cyclic: Record<string, unknown> = { a: 1 }
    cyclic['self'] = cyclic
    let deep: unknown = 'end'
    for (let i = 0; i < 100; i++) deep = { deep }
    const line = JSON.parse(
      written('m', { cyclic, deep, long: 'x'.repeat(20_000), many: Array.from({ length: 150 }, (_, i) => i) }),
    )
    expect(line.cyclic).toEqual({ a: 1, self: '[circular]' })
    expect(JSON.stringify(line.deep)).toContain('…')
    expect(line.long.endsWith('x… (20000 characters)')).toBe(true)
    expect(line.many.at(-1)).toBe('… 50 more')
  })

  test('of any type can be written', () => {
    const unreadable = Object.defineProperty({}, 'x', {
      enumerable: true,
      get: () => {
        throw new Error('no')
      },
    })
    const line = JSON.parse(
      written('m', {
        big: 12345678901234567890n,
        sign: Symbol('s'),
        run: function go() {},
        at: new Date(0),
        never: new Date(Number.NaN),
        set: new Set([1]),
        bytes: new Uint8Array(3),
        nan: Number.NaN,
        none: undefined,
        nil: null,
        unreadable,
      }),
    )
    expect(line).toMatchObject({
      big: '12345678901234567890',
      sign: 'Symbol(s)',
      run: '[function go]',
      at: '1970-01-01T00:00:00.000Z',
      never: null,
      set: [1],
      bytes: '[3 bytes]',
      nan: 'NaN',
      nil: null,
      unreadable: '[unreadable]',
    })
    expect(line).not.toHaveProperty('none')
  })

  test('cannot forge a second line, nor paint a terminal', () => {
    expect(written('a\n{"level":"fatal"}', { x: '\n' }).split('\n').length).toBe(1)
    const json = written('a\u009b2J', { x: '\u007f' })
    expect([json.includes('\u009b'), json.includes('\u007f')]).toEqual([false, false])
    expect(JSON.parse(json)).toMatchObject({ message: 'a\u009b2J', x: '\u007f' })
    const pretty = written('a\u001b[2Jb\nc', { x: '\u001b[0m' }, [], 'pretty')
    expect([pretty.includes('\u001b'), pretty.includes('\n')]).toEqual([false, false])
  })

  test('cannot do so by the message of an error either', () => {
    const forged = '10:00:00.000 info    kwik: all is well'
    const error = new Error(`no such order \u001b[2J\r\n${forged}`, { cause: new Error(`x\n${forged}`) })
    const lines = written('m', { error }, [], 'pretty').split('\n')
    expect([lines.join().includes('\u001b'), lines.join().includes('\r')]).toEqual([false, false])
    expect(lines.length).toBeGreaterThan(3)
    for (const line of lines.slice(1)) expect(line.startsWith('  ')).toBe(true)
  })

  test('with patterns that invite backtracking is searched in bounded time', () => {
    const started = Date.now()
    for (const text of [
      'eyJ-'.repeat(20_000),
      '://a:'.repeat(20_000),
      '"'.repeat(50_000),
      '"password'.repeat(9000),
      'basic '.repeat(9000),
    ])
      written(text)
    expect(Date.now() - started).toBeLessThan(5000)
  })
})
