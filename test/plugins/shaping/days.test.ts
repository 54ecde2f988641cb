import { Type as T } from '@sinclair/typebox'
import { describe, expect, test } from '#test'
import { shape } from '../../../plugins/shaping/index.ts'

/** Moments around days that do not begin at midnight, or that are not there. */
const days: readonly (readonly [zone: string, day: string, from: string, until: string])[] = [
  ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z', '2018-11-05T02:00:00.000Z'],
  ['America/Sao_Paulo', '2018-11-03', '2018-11-03T03:00:00.000Z', '2018-11-04T03:00:00.000Z'],
  ['America/Sao_Paulo', '2019-02-16', '2019-02-16T02:00:00.000Z', '2019-02-17T03:00:00.000Z'],
  ['America/Havana', '2024-03-10', '2024-03-10T05:00:00.000Z', '2024-03-11T04:00:00.000Z'],
  ['America/Havana', '2024-11-03', '2024-11-03T04:00:00.000Z', '2024-11-04T05:00:00.000Z'],
  ['Africa/Cairo', '2024-04-26', '2024-04-25T22:00:00.000Z', '2024-04-26T21:00:00.000Z'],
  ['Atlantic/Azores', '2016-03-27', '2016-03-27T01:00:00.000Z', '2016-03-28T00:00:00.000Z'],
  ['Pacific/Apia', '2011-12-29', '2011-12-29T10:00:00.000Z', '2011-12-30T10:00:00.000Z'],
  ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00.000Z', '2011-12-31T10:00:00.000Z'],
  ['Europe/Rome', '2024-03-31', '2024-03-30T23:00:00.000Z', '2024-03-31T22:00:00.000Z'],
  ['Asia/Kathmandu', '2024-05-01', '2024-04-30T18:15:00.000Z', '2024-05-01T18:15:00.000Z'],
]

describe('a day', () => {
  for (const [zone, day, from, until] of days)
    test(`${day} in ${zone} is from ${from} until ${until}`, async () => {
      const at = (text: string, by = 0): Date => new Date(Date.parse(text) + by)
      const rows = [at(from, -1), at(from), at(until, -1), at(until)].map((at, id) => ({ id, at }))
      const list = shape.memory(T.Object({ id: T.Integer(), at: T.Date() }), rows, {
        name: 'days',
        key: 'id',
        filter: { at: true },
      })
      const page = await list.ask({ 'at[on]': day, tz: zone })
      expect(page.data.map(({ id }) => id)).toEqual([1, 2])
    })

  test('that a country left out has no moments', async () => {
    const rows = ['2011-12-29T10:00:00Z', '2011-12-30T09:59:59Z', '2011-12-30T10:00:00Z'].map((text, id) => ({
      id,
      at: new Date(text),
    }))
    const list = shape.memory(T.Object({ id: T.Integer(), at: T.Date() }), rows, {
      name: 'days',
      key: 'id',
      filter: { at: true },
    })
    expect((await list.ask({ 'at[on]': '2011-12-30', tz: 'Pacific/Apia' })).data).toEqual([])
  })
})
