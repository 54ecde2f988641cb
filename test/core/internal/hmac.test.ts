import { createHmac } from 'node:crypto'
import { hmacOf } from '#core/internal/hmac'
import { expect, test } from '#test'

test('an HMAC is that of node:crypto, for keys and texts of any length, however often it is asked', () => {
  for (const length of [0, 1, 16, 32, 63, 64, 65, 200]) {
    const key = new Uint8Array(length).map((_, at) => (at * 37) % 256)
    const hmac = hmacOf(key)
    for (const text of ['', 'a', 'k1.eyJo', 'ü€😀\0', 'x'.repeat(5000), 'a'])
      expect(Buffer.from(hmac(text)).toString('hex')).toBe(createHmac('sha256', key).update(text).digest('hex'))
  }
})

// RFC 4231, test cases 1, 2 and 6.
test.each([
  ['0b'.repeat(20), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
  ['4a656665', 'what do ya want for nothing?', '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
  [
    'aa'.repeat(131),
    'Test Using Larger Than Block-Size Key - Hash Key First',
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  ],
])('RFC 4231: %s', (key, text, mac) => {
  expect(Buffer.from(hmacOf(Buffer.from(key, 'hex'))(text)).toString('hex')).toBe(mac)
})
