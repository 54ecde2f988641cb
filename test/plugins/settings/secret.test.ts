import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, inspect } from 'node:util'
import { t } from 'elysia'
import { describe, expect, test } from '#test'
import { createLogger } from '../../../plugins/logging/index.ts'
import { defineSettings, developmentSecret, kwikSettings, Secret, secret } from '../../../plugins/settings/index.ts'
import { canary, mark } from '../../canary.ts'
import { faultsOf, folder } from './folder.ts'

const read = (env: Record<string, string>) =>
  defineSettings(
    t.Object({
      ...kwikSettings,
      mail: t.Object({ key: secret({ env: 'MAIL_KEY' }), password: t.Optional(t.Integer()) }),
    }),
    {
      dir: folder(),
      env,
    },
  )

describe('a secret', () => {
  test('is given out by reveal alone', () => {
    const settings = read({ MAIL_KEY: canary, KWIK_TOKENS__SECRET: canary })
    const { key } = settings.current.mail
    expect(key).toBeInstanceOf(Secret)
    expect(key.reveal()).toBe(canary)
    const written: string[] = []
    const logger = createLogger({ write: (line) => void written.push(line), format: 'json' })
    logger.info(`key ${key}`, { key, settings: settings.current })
    const shown = [
      String(key),
      `${key}`,
      `${JSON.stringify(settings.current)}`,
      inspect(settings.current, { depth: 9, showHidden: true }),
      format('%s %o %j', key, key, key),
      Object.entries(key).join(),
      JSON.stringify({ ...key }),
      JSON.stringify(structuredClone({ key: { ...key } })),
      settings.explain('mail.key').value,
      JSON.stringify(settings.explain('tokens.secret')),
      ...written,
    ].join('\n')
    expect(shown).not.toContain(mark)
    expect(shown).toContain('***')
  })

  test('is not shown in the message about it either', () => {
    const found = faultsOf(() =>
      read({ MAIL_KEY: canary, KWIK_TOKENS__SECRET: canary.slice(0, 10), KWIK_MAIL__PASSWORD: canary }),
    )
    expect(found.length).toBe(2)
    expect(found.join()).not.toContain(mark)
  })

  test('in a URL is not shown: neither in explanations nor in faults', () => {
    const settings = read({ MAIL_KEY: canary, DATABASE_URL: `postgres://app:${canary}@db/app` })
    expect(settings.explain('database.url').value).toBe('"postgres://app:***@db/app"')
    expect(settings.current.database.url).toContain(canary)
    const odd = read({ MAIL_KEY: canary, DATABASE_URL: `postgres://app:p/w#?${canary}@db/app` })
    expect(odd.explain('database.url').value).toBe('"postgres://app:***@db/app"')
    const port = read({ MAIL_KEY: canary, DATABASE_URL: 'postgres://db:5432/app?mail=a@b' })
    expect(port.explain('database.url').value).toBe('"postgres://db:5432/app?mail=a@b"')
  })

  test('can be overridden by a text or a secret', () => {
    const settings = read({ MAIL_KEY: canary })
    expect(settings.override({ mail: { key: 'other' } }, () => settings.current.mail.key.reveal())).toBe('other')
    expect(settings.override({ mail: { key: new Secret('third') } }, () => settings.current.mail.key.reveal())).toBe(
      'third',
    )
  })
})

describe('the secret for development', () => {
  test('is made once, for its owner alone, and hidden from git', () => {
    const dir = folder()
    const first = developmentSecret(dir).reveal()
    expect(first.length).toBeGreaterThanOrEqual(43)
    expect(developmentSecret(dir).reveal()).toBe(first)
    expect(statSync(join(dir, '.kwik', 'secret')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(dir, '.kwik', '.gitignore'), 'utf8')).toBe('secret*\n')
    expect(developmentSecret(folder()).reveal()).not.toBe(first)
  })

  test('is one for all processes that start together', async () => {
    const dir = folder()
    const script = `import { developmentSecret } from '${new URL('../../../plugins/settings/index.ts', import.meta.url).href}'\nconsole.log(developmentSecret('${dir}').reveal())`
    writeFileSync(join(dir, 'run.ts'), script)
    const cwd = new URL('../../..', import.meta.url).pathname
    const all = await Promise.all(
      Array.from({ length: 4 }, () =>
        new Response(Bun.spawn([process.execPath, join(dir, 'run.ts')], { cwd }).stdout).text(),
      ),
    )
    expect(new Set(all).size).toBe(1)
    expect(all[0]!.trim().length).toBeGreaterThanOrEqual(43)
  })

  test('that was cut short is refused', () => {
    const dir = folder()
    developmentSecret(dir)
    writeFileSync(join(dir, '.kwik', 'secret'), 'x')
    expect(() => developmentSecret(dir)).toThrow('too short')
    expect(existsSync(join(dir, '.kwik', 'secret'))).toBe(true)
  })
})
