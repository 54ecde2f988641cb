import { describe, expect, test } from '#test'
import { canary } from '../../canary.ts'
import { faults, read } from './reading.ts'

/** What begins an interpolation, which a linter takes for a template's. */
const dollars = (text: string): string => text.replaceAll('#{', ['$', '{'].join(''))

describe('interpolation', () => {
  const config = (text: string, env: Record<string, string> = {}) =>
    read({ 'config/base.yaml': dollars(text) }, { env })
  const wrong = (text: string) => faults({ 'config/base.yaml': dollars(text) })

  test('puts the final value of another setting into a text of a file', () => {
    const settings = config(
      'server:\n  host: #{note}.example\n  url: https://#{server.host}:#{server.port}/$$x$y\nnote: shop',
      {
        PORT: '81',
      },
    )
    expect(settings.current.server).toMatchObject({ host: 'shop.example', url: 'https://shop.example:81/$x$y' })
    expect(
      config('server:\n  bodyLimit: #{server.port}\norigins: [a, "#{note}"]\nhooks: #{origins}').current,
    ).toMatchObject({
      server: { bodyLimit: 3000 },
      origins: ['a', 'none'],
      hooks: ['first', 'a', 'none'],
    })
  })

  test('that goes round is a fault', () => {
    expect(wrong('server:\n  host: #{server.url}\n  url: x#{note}\nnote: #{server.host}')).toEqual([
      'note is made of itself: server.host -> server.url -> note -> server.host (from config/base.yaml:4:7)',
    ])
    expect(wrong('note: #{note}')).toEqual(['note is made of itself: note -> note (from config/base.yaml:1:7)'])
  })

  test('is escaped by a second dollar', () => {
    expect(config('note: $#{note} costs 5$$').current.note).toBe(dollars('#{note} costs 5$'))
    expect(config("note: 'a$b'").current.note).toBe('a$b')
  })

  test('names only settings that have a value', () => {
    expect(wrong('note: #{server.hots}')).toEqual([
      dollars(
        'note names #{server.hots}, which is not a setting, did you mean "server.host"? (from config/base.yaml:1:7)',
      ),
    ])
    expect(wrong('note: a#{server.url}')[0]).toContain('which nobody set')
    expect(wrong('note: a#{server')[0]).toContain('without its }')
  })

  test('does not happen in variables: a password may have a dollar', () => {
    expect(config('note: x', { KWIK_SERVER__HOST: dollars('#{note}$$') }).current.server.host).toBe(
      dollars('#{note}$$'),
    )
  })

  test('never copies a secret into a text that prints', () => {
    const text = `jwt:\n  secret: ${canary}-12345\nnote: #{jwt.secret}`
    expect(wrong(text)).toEqual([
      'note would show jwt.secret: declare it with secret() too (from config/base.yaml:3:7)',
    ])
  })
})
