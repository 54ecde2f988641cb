import { describe, expect, test } from '#test'
import { defineSettings, kwikSettings, mergeSlices, settingsSlice, T } from '../../../plugins/settings/index.ts'
import { folder } from './folder.ts'

describe('slices of plugins', () => {
  const mail = settingsSlice('acme-mail', {
    mail: T.Object({ from: T.String({ default: 'a@b' }), key: T.OptionalSecret() }),
  })
  const digest = settingsSlice('acme-digest', { mail: T.Object({ digest: T.Boolean({ default: false }) }) })

  test('are one schema, with the types of all', () => {
    const shop = settingsSlice('shop', { shop: T.Object({ name: T.String({ default: 'x' }) }) })
    const settings = defineSettings(mergeSlices(settingsSlice('kwik', kwikSettings), mail, digest, shop), {
      dir: folder(),
      env: { KWIK_MAIL__DIGEST: 'true', KWIK_SERVER__PORT: '1' },
    })
    const on: boolean = settings.current.mail.digest
    const from: string = settings.current.mail.from
    const port: number = settings.current.server.port
    expect([on, from, port, settings.current.shop.name]).toEqual([true, 'a@b', 1, 'x'])
  })

  test('of which two claim one key are a boot error that names both', () => {
    const other = settingsSlice('acme-post', { mail: T.Object({ from: T.String() }) })
    expect(() => mergeSlices(mail, digest, other)).toThrow(
      'the setting mail.from is brought by acme-mail and by acme-post: one of them must call it otherwise',
    )
    const flat = settingsSlice('flat', { mail: T.String() })
    expect(() => mergeSlices(mail, flat)).toThrow('the setting mail is brought by acme-mail and by flat')
    expect(() => mergeSlices(flat, mail)).toThrow('the setting mail is brought by flat and by acme-mail')
  })
})
