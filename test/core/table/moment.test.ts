import { rfc3339 } from '#core/table/moment'
import { expect, test } from '#test'

test('a moment is written as Date writes it, whatever came before it', () => {
  const moments = [
    0, -1, 1, 86_399_999, 86_400_000, -86_400_000, -86_400_001, 1_764_094_358_123, 1_764_094_358_999, 1.5, -0.5,
    253_402_300_799_999, 253_402_300_800_000, -62_167_219_200_001, 8.64e15, -8.64e15,
  ]
  const mixed = Array.from({ length: 500 }, (_, n) => Math.round(Math.sin(n) * 4e12))
  for (const at of [...moments, ...moments.toReversed(), ...mixed])
    expect([at, rfc3339(at)]).toEqual([at, new Date(at).toISOString()])
})

test('what is no moment is refused as Date refuses it', () => {
  for (const at of [Number.NaN, Number.POSITIVE_INFINITY, 8.64e15 + 1]) expect(() => rfc3339(at)).toThrow(RangeError)
})
