import { addressIn, inRanges, networkOf, rangesOf } from '#core/internal/address'
import { describe, expect, test } from '#test'

describe('an address', () => {
  test.each([
    ['1.2.3.4', '1.2.3.4'],
    ['1.2.3.4:5678', '1.2.3.4'],
    [' 1.2.3.4 ', '1.2.3.4'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['::FFFF:102:304', '1.2.3.4'],
    ['[::1]:9', '::1'],
    ['[2001:DB8::1]', '2001:db8::1'],
    ['2001:0db8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::', '::'],
    ['1::', '1::'],
    ['10:0:20:0:0:30:1:2', '10:0:20::30:1:2'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
  ])('%s is %s', (text, address) => {
    expect(addressIn(text)).toBe(address)
  })

  test.each([
    '',
    'unknown',
    '_hidden',
    '256.1.1.1',
    '1.2.3',
    '1.2.3.4.5',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7:8:9',
    'g::1',
    '[',
    '1:2:3:4:5:6:7::8',
    `${'1'.repeat(10_000)}.2.3.4`,
  ])('%s is none', (text) => {
    expect(addressIn(text)).toBeUndefined()
  })

  test('of one network are the addresses that one customer can choose', () => {
    expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64')
    expect(networkOf('2001:db8:1:2::9')).toBe('2001:db8:1:2::/64')
    expect(networkOf('2001:db8:1:3::9')).not.toBe(networkOf('2001:db8:1:2::9'))
    expect(networkOf('1.2.3.4')).toBe('1.2.3.4')
  })
})

describe('ranges', () => {
  const ranges = rangesOf(['10.0.0.0/8', '192.168.1.5', '172.16.0.0/12', 'fd00::/8', '::1'])
  test.each(['10.255.0.1', '192.168.1.5', '172.31.255.255', 'fd12::1', '::1', '::ffff:10.1.1.1'])(
    'hold %s',
    (address) => {
      expect(inRanges(ranges, address)).toBe(true)
    },
  )
  test.each(['11.0.0.1', '192.168.1.6', '172.32.0.0', 'fe00::1', '::2', 'nonsense'])('do not hold %s', (address) => {
    expect(inRanges(ranges, address)).toBe(false)
  })
  test.each(['10.0.0.0/33', '10.0.0/8', '::1/129', 'localhost', '10.0.0.0/', '10.0.0.0/-1'])(
    'are not made of %s',
    (text) => {
      expect(() => rangesOf([text])).toThrow(`"${text}"`)
    },
  )
})
