import { boot } from '#core/boot'
import { stopGracefully } from '#core/lifecycle'
import { describe, expect, test } from '#test'
import { createLogger, type Entry, getLogger, logtapeSink } from '../../../plugins/logging/index.ts'
import { canary, mark } from '../../canary.ts'
import { logged } from './lines.ts'

const open = { public: true } as never

describe('a level', () => {
  test('of a category holds for all below it, and the nearest counts', async () => {
    const { ask, lines } = logged(
      (app) =>
        app.get(
          '/x',
          () => {
            for (const category of ['shop', 'shop.orders', 'shop.orders.mail', 'other'])
              getLogger(category.split('.')).debug(category)
            return 'x'
          },
          open,
        ),
      { level: 'info', levels: { shop: 'debug', 'shop.orders.mail': 'off', 'kwik.access': 'error' } },
    )
    await ask('/x')
    expect(lines().map((line) => line['message'])).toEqual(['shop', 'shop.orders'])
  })

  test('that is changed while the app runs holds for the next line', async () => {
    const lines: string[] = []
    const logger = createLogger({ write: (line) => void lines.push(line), format: 'json', level: 'warning' })
    const { ask } = logged(
      (app) =>
        app.get(
          '/x',
          () => {
            getLogger(['shop']).debug('d')
            return 'x'
          },
          open,
        ),
      { logger, access: false },
    )
    await ask('/x')
    logger.setLevel(['shop'], 'debug')
    await ask('/x')
    expect(lines.length).toBe(1)
    logger.setLevel('shop', 'error')
    await ask('/x')
    logger.setLevel('', 'debug')
    logger.debug('core')
    expect(lines.length).toBe(2)
  })

  test('that does not exist is refused, and the old one stays', () => {
    const lines: string[] = []
    const logger = createLogger({ write: (line) => void lines.push(line), format: 'json' })
    expect(() => logger.setLevel('shop', 'warn' as never)).toThrow('the level of shop must be one of debug, info')
    expect(() => logger.setLevel('', 'loud' as never)).toThrow('level must be one of')
    logger.info('still')
    logger.debug('not')
    expect(lines.length).toBe(1)
    expect(() => createLogger({ levels: { shop: 'verbose' as never } })).toThrow('levels.shop')
  })
})

describe('people', () => {
  const written = (message: string, properties?: Record<string, unknown>, show: ('email' | 'card')[] = []) => {
    const lines: string[] = []
    createLogger({ write: (line) => void lines.push(line), format: 'json', show }).info(message, properties)
    return lines.join()
  }
  test('are not named by their address, nor their card, wherever it stands', () => {
    const number = '4111 1111 1111 1111'
    for (const line of [
      written('mail to ada.lovelace+x@example.com'),
      written('m', { to: ['ada.lovelace@mail.example.co.uk'] }),
      written('m', {
        error: new Error('no box ada.lovelace@example.com', { cause: new Error('ada.lovelace@example.com') }),
      }),
      written(`paid by ${number}`),
      written('m', { deep: { note: `card ${number.replaceAll(' ', '-')}` } }),
      written('m', { card: 4111111111111111 }),
    ]) {
      expect(line).not.toContain('lovelace')
      expect(line).not.toContain('1111')
      expect(line).toContain('***')
    }
    expect(written('mail to ada@example.com')).toContain('***@example.com')
  })

  test('are named where the app says so, and what only looks like them is left alone', () => {
    expect(written('ada@example.com', {}, ['email'])).toContain('ada@example.com')
    expect(written('4111111111111111', {}, ['card'])).toContain('4111111111111111')
    for (const plain of [
      'order 1234567890123456',
      'at 1732560000000',
      '4111111111111112',
      'id 01a207aa-7485-73c1-8250-4b2ddc9a6bb9',
      'kwik@1.2',
    ])
      expect(written(plain)).toContain(plain)
    expect(written('m', { at: 1732560000000, n: 4111111111111112 })).toContain('4111111111111112')
  })
})

describe('sinks', () => {
  test('are handed lines as text or in parts, one that fails hinders none', async () => {
    const texts: string[] = []
    const entries: Entry[] = []
    const records: unknown[] = []
    const logger = createLogger({
      format: 'json',
      sinks: [
        {
          line: () => {
            throw new Error('full')
          },
        },
        { line: (line) => void texts.push(line) },
        { entry: (entry) => void entries.push(entry) },
        logtapeSink((record) => void records.push(record)),
      ],
    })
    const { ask } = logged(
      (app) =>
        app.get(
          '/x',
          () => {
            getLogger(['shop']).warn('low', { left: 2, password: canary })
            return 'x'
          },
          open,
        ),
      { logger },
    )
    await ask('/x', { headers: { 'x-request-id': 'r1' } })
    expect([texts.length, entries.length, records.length, logger.dropped]).toEqual([2, 2, 2, 2])
    expect(entries[0]).toMatchObject({
      level: 'warning',
      logger: 'shop',
      message: 'low',
      fields: { left: 2, requestId: 'r1', password: '***' },
    })
    expect(entries[1]).toMatchObject({
      logger: 'kwik.access',
      message: 'GET /x 200',
      fields: { route: '/x', status: 200, bytes: 1 },
    })
    expect(records[0]).toMatchObject({ category: ['shop'], level: 'warning', message: ['low'] })
    expect(JSON.stringify([texts, entries, records])).not.toContain(mark)
  })
})

describe('a measurement', () => {
  test('is a line when it ends, by itself, by a block or by a function', async () => {
    const { app, lines } = logged((one) => one.get('/x', () => 'x', open))
    boot(app)
    const log = getLogger(['shop'])
    const timer = log.time('a', { size: 1 })
    timer.end({ more: 2 })
    timer.end()
    {
      using _ = log.time('b')
    }
    expect(log.time('c', () => 7)).toBe(7)
    expect(await log.time('d', async () => 8)).toBe(8)
    await log.time('e', () => Promise.reject(new Error('no'))).catch(() => {})
    expect(
      lines().map((line) => [line['operation'], line['logger'], typeof line['duration'], line['failed'] ?? false]),
    ).toEqual([...'abcde'].map((name) => [name, 'shop', 'number', name === 'e']))
    expect(lines()[0]).toMatchObject({ level: 'info', size: 1, more: 2 })
    await stopGracefully(app)
  })
})
