import { renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { Elysia } from 'elysia'
import type { Logger } from '#core/ports/logger'
import { describe, expect, sleep, test } from '#test'
import { liveOf } from '../../../plugins/settings/define.ts'
import {
  defineSettings,
  provideSettings,
  type ReloadReport,
  type Settings,
  T,
} from '../../../plugins/settings/index.ts'
import { core } from '../../../src/core/index.ts'
import { canary, mark } from '../../canary.ts'
import { folder, write } from './folder.ts'

const schema = T.Object({
  server: T.Object({ port: T.Integer({ default: 3000 }) }),
  log: T.Object({ level: T.String({ default: 'info', reload: 'hot' }) }),
  limits: T.Object({ a: T.Integer({ default: 1, reload: 'hot' }), b: T.Integer({ default: 1, reload: 'hot' }) }),
  key: T.OptionalSecret({ minLength: 4, reload: 'hot' }),
})
type S = typeof schema

const read = (dir: string): Settings<S> =>
  defineSettings(schema, {
    dir,
    env: {},
    args: [],
    secretsDir: false,
    rules: [({ limits: { a, b } }, { fail }) => a !== b && fail('limits.a', 'must be the same as limits.b')],
  })
const base = (dir: string, text: string): void => write(dir, 'config/base.yaml', text)

/** What settings said to the log. */
function listen(settings: Settings<S>): string[] {
  const lines: string[] = []
  const note = (level: string) => (message: string) => void lines.push(`${level} ${message}`)
  const logger: Logger = { debug: note('debug'), info: note('info'), warning: note('warning'), error: note('error') }
  liveOf(settings).logger = logger
  return lines
}

describe('a reload', () => {
  test('gives hot settings their new values and tells who listens', async () => {
    const dir = folder({ 'config/base.yaml': 'log: { level: info }' })
    const settings = read(dir)
    const told: unknown[] = []
    const end = settings.on('log.level', (now, before) => told.push([now, before]))
    settings.on('applied', ({ applied }) => told.push(applied.map(({ key, from }) => [key, from])))
    listen(settings)
    base(dir, 'log: { level: debug }')
    const report = await settings.reload()
    expect(report).toEqual({
      applied: [{ key: 'log.level', before: '"info"', now: '"debug"', from: 'config/base.yaml:1:15' }],
      pending: [],
    })
    expect(settings.current.log.level).toBe('debug')
    expect(settings.explain('log.level').from).toBe('config/base.yaml:1:15')
    expect(told).toEqual([['debug', 'info'], [['log.level', 'config/base.yaml:1:15']]])
    end()
    base(dir, 'log: { level: error }')
    await settings.reload()
    expect(told.length).toBe(3)
    expect(() => settings.on('log.levle' as 'log.level', () => {})).toThrow('did you mean "log.level"?')
  })

  test('that is invalid keeps the old values, says "rejected", and the next valid one applies', async () => {
    const dir = folder()
    const settings = read(dir)
    const lines = listen(settings)
    const rejected: ReloadReport[] = []
    settings.on('rejected', (report) => rejected.push(report))
    base(dir, 'log: { level: 5 }\nlimits: { a: x }')
    await settings.reload()
    expect(settings.current).toMatchObject({ log: { level: 'info' }, limits: { a: 1, b: 1 } })
    expect(rejected.map(({ rejected: faults }) => faults?.map(({ text }) => text))).toEqual([
      [
        'log.level: expected string, put it in quotes (got 5 from config/base.yaml:1:15)',
        'limits.a: expected integer (got "x" from config/base.yaml:2:14)',
      ],
    ])
    expect(lines[0]).toContain('error settings were not reloaded, the old ones stay:')
    base(dir, 'limits: { a: 2, b: 2 }')
    expect((await settings.reload()).applied.length).toBe(2)
    expect(settings.current.limits).toEqual({ a: 2, b: 2 })
    base(dir, 'limits: { a: 3, b: 2 }')
    expect((await settings.reload()).rejected?.[0]?.text).toContain('must be the same')
    base(dir, 'a: "')
    expect((await settings.reload()).rejected?.length).toBe(1)
    expect(settings.current.limits).toEqual({ a: 2, b: 2 })
  })

  test('does not apply what only a start can, and warns of it once', async () => {
    const dir = folder({ 'config/base.yaml': 'server: { port: 1 }' })
    const settings = read(dir)
    const lines = listen(settings)
    base(dir, 'server: { port: 2 }\nlimits: { a: 5, b: 5 }')
    const pending = [{ key: 'server.port', before: '1', now: '2', from: 'config/base.yaml:1:17' }]
    expect(await settings.reload()).toMatchObject({ pending })
    expect(settings.current).toMatchObject({ server: { port: 1 }, limits: { a: 5 } })
    expect(settings.explain('server.port')).toMatchObject({ value: '1', from: 'config/base.yaml:1:17' })
    await settings.reload()
    base(dir, 'server: { port: 2 }\nlimits: { a: 6, b: 6 }')
    await settings.reload()
    expect(settings.pending).toEqual(pending)
    expect(lines.filter((line) => line.startsWith('warning'))).toEqual([
      'warning settings wait for a restart: server.port',
    ])
    base(dir, 'server: { port: 1 }\nlimits: { a: 6, b: 6 }')
    await settings.reload()
    expect(settings.pending).toEqual([])
    base(dir, 'server: { port: 3 }\nlimits: { a: 6, b: 6 }')
    await settings.reload()
    expect(lines.filter((line) => line.startsWith('warning')).length).toBe(2)
  })

  test('tells changes of secrets without showing them', async () => {
    const dir = folder({ 'config/base.yaml': `key: ${canary}-1` })
    const settings = read(dir)
    const lines = listen(settings)
    let seen = ''
    settings.on('key', (now, before) => {
      seen = `${now?.reveal()} ${before?.reveal()}`
    })
    expect(await settings.reload()).toEqual({ applied: [], pending: [] })
    base(dir, `key: ${canary}-2`)
    expect(JSON.stringify([await settings.reload(), lines])).not.toContain(mark)
    expect(seen).toBe(`${canary}-2 ${canary}-1`)
  })

  test('reads modules anew', async () => {
    const dir = folder({ 'config/base.ts': 'export default { log: { level: "a" } }' })
    const settings = read(dir)
    listen(settings)
    for (const level of ['b', 'c']) {
      write(dir, 'config/base.ts', `export default { log: { level: ${JSON.stringify(level)} } }`)
      await settings.reload()
      expect(settings.current.log.level).toBe(level)
    }
    write(dir, 'config/base.ts', 'export default {')
    expect((await settings.reload()).rejected?.[0]?.text).toContain('config/base.ts throws')
  })
})

describe('hooks', () => {
  const changed = async () => {
    const dir = folder()
    const settings = read(dir)
    const lines = listen(settings)
    base(dir, 'log: { level: debug }')
    return { settings, lines, dir }
  }

  test('prepare with the new settings and commit when all are ready', async () => {
    const { settings } = await changed()
    const steps: string[] = []
    for (const name of ['one', 'two'])
      settings.onReload({
        name,
        prepare: async (next, now, keys) => {
          await sleep(1)
          steps.push(`prepare ${name} ${next.log.level} ${now.log.level} ${keys} ${settings.current.log.level}`)
          return name.length
        },
        commit: (length) => void steps.push(`commit ${name} ${length} ${settings.current.log.level}`),
      })
    await settings.reload()
    expect(steps).toEqual([
      'prepare one debug info log.level info',
      'prepare two debug info log.level info',
      'commit one 3 info',
      'commit two 3 info',
    ])
    expect(settings.current.log.level).toBe('debug')
  })

  test('of which the second of three throws in prepare leave all three with the old settings', async () => {
    const { settings, lines, dir } = await changed()
    const inUse = ['info', 'info', 'info']
    const undone: number[] = []
    let broken = true
    for (const at of [0, 1, 2])
      settings.onReload({
        name: `hook ${at + 1}`,
        prepare: ({ log }) => {
          if (at === 1 && broken) throw new Error(`no connection: ${canary}`)
          return log.level
        },
        commit: (level) => void (inUse[at] = level),
        rollback: () => void undone.push(at),
      })
    const report = await settings.reload()
    expect(report.rejected?.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^log\.level \(config\/base\.yaml:\d+:\d+\): hook 2 threw when it was to prepare$/),
    ])
    expect([inUse, undone, settings.current.log.level]).toEqual([['info', 'info', 'info'], [0], 'info'])
    expect(lines.join('\n')).not.toContain(mark)
    broken = false
    await settings.reload()
    expect([inUse, settings.current.log.level]).toEqual([['debug', 'debug', 'debug'], 'debug'])
    base(dir, 'server: { port: 5 }\nlog: { level: debug }')
    await settings.reload()
    expect(undone).toEqual([0])
  })

  test('of which one throws in commit are all rolled back, the last first', async () => {
    const { settings } = await changed()
    const steps: string[] = []
    for (const name of ['a', 'b', 'c'])
      settings.onReload({
        prepare: () => name,
        commit: () => {
          if (name === 'b') throw new Error('late')
          steps.push(`commit ${name}`)
        },
        rollback: async () => {
          steps.push(`rollback ${name}`)
          if (name === 'c') throw new Error('even here')
        },
      })
    expect((await settings.reload()).rejected?.[0]?.text).toContain(': a hook threw when it was to commit')
    expect(steps).toEqual(['commit a', 'rollback c', 'rollback b', 'rollback a'])
    expect(settings.current.log.level).toBe('info')
  })

  test('that ended take no part, and listeners that throw change nothing', async () => {
    const { settings, lines } = await changed()
    settings.onReload({ prepare: () => Promise.reject(new Error('gone')) })()
    settings.on('log.level', () => {
      throw new Error('a listener')
    })
    let told = false
    settings.on('applied', () => void (told = true))
    await settings.reload()
    expect([settings.current.log.level, told]).toEqual(['debug', true])
    expect(lines).toContain('error a listener of log.level threw')
  })
})

describe('requests', () => {
  test('a hundred in flight during fifty reloads each see one generation, the one they began with', async () => {
    const dir = folder()
    const settings = read(dir)
    listen(settings)
    const deep = async (): Promise<number> => {
      await sleep(Math.random() * 20)
      return settings.current.limits.b
    }
    const app = new Elysia()
      .use(core({ signals: false }))
      .use(provideSettings(settings, { reload: false }))
      .get(
        '/',
        async ({ settings: own }) => {
          const seen = [own.limits.a, settings.current.limits.a]
          for (let i = 0; i < 5; i++) seen.push(await deep(), own.limits.b, settings.current.limits.a)
          return seen
        },
        { public: true },
      )
    const answers: Promise<number[]>[] = []
    const ask = (): void => {
      const began = settings.current.limits.a
      const answer = Promise.resolve(app.handle(new Request('http://localhost/')))
      answers.push(answer.then(async (response) => [began, ...((await response.json()) as number[])]))
    }
    for (let n = 2; n <= 51; n++) {
      ask()
      base(dir, `limits: { a: ${n}, b: ${n} }`)
      const reload = settings.reload()
      ask()
      expect((await reload).applied.length).toBe(2)
    }
    const all = await Promise.all(answers)
    expect(all.length).toBe(100)
    expect(all.filter((seen) => new Set(seen).size !== 1)).toEqual([])
    expect(new Set(all.map(([first]) => first)).size).toBeGreaterThan(40)
    expect(settings.current.limits.a).toBe(51)
  })

  test('in an override see it to their end', async () => {
    const dir = folder()
    const settings = read(dir)
    listen(settings)
    await settings.override({ limits: { a: 7, b: 7 } }, async () => {
      base(dir, 'limits: { a: 9, b: 9 }')
      await settings.reload()
      expect(settings.current.limits.a).toBe(7)
    })
    expect(settings.current.limits.a).toBe(9)
  })
})

describe('watching', () => {
  /** Waits for the next report; a hang is a failure of the test. */
  const next = (settings: Settings<S>, event: 'applied' | 'rejected' = 'applied'): Promise<ReloadReport> =>
    new Promise((done, fail) => {
      // Watching keeps no process alive; this does.
      const late = setTimeout(() => fail(new Error(`nothing was ${event}`)), 10_000)
      const end = settings.on(event, (report) => {
        end()
        clearTimeout(late)
        done(report)
      })
    })

  const watched = async (dir: string, poll: number, body: (settings: Settings<S>) => Promise<void>): Promise<void> => {
    const settings = read(dir)
    listen(settings)
    const stop = settings.watch({ poll })
    try {
      await body(settings)
    } finally {
      stop()
    }
  }

  test('sees a file that is replaced by rename, twice, and one that comes new', async () => {
    const dir = folder({ 'config/base.yaml': 'log: { level: a }' })
    await watched(dir, 60_000, async (settings) => {
      for (const level of ['b', 'c']) {
        const report = next(settings)
        write(dir, 'config/.draft', `log: { level: ${level} }`)
        renameSync(join(dir, 'config/.draft'), join(dir, 'config/base.yaml'))
        await report
        expect(settings.current.log.level).toBe(level)
      }
      const report = next(settings)
      write(dir, 'config/local.yaml', 'log: { level: d }')
      await report
      expect(settings.current.log.level).toBe('d')
    })
  })

  test('sees .env, and a link that is pointed elsewhere as Kubernetes does', async () => {
    const dir = folder({ '.env': 'KWIK_LOG__LEVEL=a', 'config/x': '' })
    await watched(dir, 25, async (settings) => {
      const first = next(settings)
      write(dir, '.env', 'KWIK_LOG__LEVEL=b')
      await first
      expect(settings.current.log.level).toBe('b')
    })
    const mounted = folder({ 'one/base.yaml': 'log: { level: one }', 'two/base.yaml': 'log: { level: two }' })
    const config = folder()
    symlinkSync(join(mounted, 'one'), join(config, '..data'))
    symlinkSync('..data/base.yaml', join(config, 'base.yaml'))
    const settings = defineSettings(schema, { dir: folder(), config, env: {}, args: [], secretsDir: false })
    listen(settings)
    const stop = settings.watch({ poll: 25 })
    const swapped = next(settings)
    symlinkSync(join(mounted, 'two'), join(config, '..next'))
    renameSync(join(config, '..next'), join(config, '..data'))
    await swapped
    stop()
    expect([settings.current.log.level, settings.explain('log.level').from]).toEqual([
      'two',
      `${config}/base.yaml:1:15`,
    ])
  })

  test('finds by looking what no event told, also in a folder that was not there', async () => {
    const dir = folder()
    await watched(dir, 20, async (settings) => {
      const report = next(settings)
      base(dir, 'log: { level: late }')
      await report
      expect(settings.current.log.level).toBe('late')
      const gone = next(settings)
      rmSync(join(dir, 'config'), { recursive: true })
      await gone
      expect(settings.current.log.level).toBe('info')
    })
  })

  test('listens to SIGHUP, and to nothing once it is stopped', async () => {
    const dir = folder()
    const before = process.listenerCount('SIGHUP')
    await watched(dir, 60_000, async (settings) => {
      const report = next(settings, 'rejected')
      settings.onReload({ prepare: () => Promise.reject(new Error('no')) })
      write(dir, 'other/base.yaml', '')
      base(dir, 'log: { level: signalled }')
      process.kill(process.pid, 'SIGHUP')
      expect((await report).rejected?.length).toBe(1)
    })
    expect(process.listenerCount('SIGHUP')).toBe(before)
  })
})
