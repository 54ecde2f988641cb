import type { KeyValue } from '#core/ports/key-value'
import { expect, sleep, test } from '#test'

/** What every key-value store holds to. Call it inside a `describe`; the store must be empty of the keys used. */
export function keyValueContract(open: () => KeyValue): void {
  test('a key that was never written has no value', async () => {
    expect(await open().get('never')).toBeUndefined()
  })

  test('a text comes back as it was written', async () => {
    const store = open()
    for (const text of ['hello', '', 'grüße \u{1F43F}', '{"a":1}', 'line\r\nline\0', 'x'.repeat(100_000)]) {
      await store.set('text', text)
      expect(await store.get('text')).toBe(text)
    }
  })

  test('keys are any text, and none is taken for another', async () => {
    const store = open()
    const keys = ['a', 'a:b', 'a b', 'a\nb', '*', 'ключ', '']
    for (const key of keys) await store.set(key, `of ${key}`)
    for (const key of keys) expect(await store.get(key)).toBe(`of ${key}`)
  })

  test('a second write replaces the first', async () => {
    const store = open()
    await store.set('twice', 'one')
    await store.set('twice', 'two')
    expect(await store.get('twice')).toBe('two')
  })

  test('what was deleted is gone, and deleting it again is no error', async () => {
    const store = open()
    await store.set('gone', 'x')
    await store.delete('gone')
    await store.delete('gone')
    expect(await store.get('gone')).toBeUndefined()
  })

  test('a value lives for its lifetime, which may be a fraction of a second', async () => {
    const store = open()
    await store.set('short', 'x', 0.05)
    await store.set('long', 'x', 60)
    await sleep(120)
    expect([await store.get('short'), await store.get('long')]).toEqual([undefined, 'x'])
  })

  test('a write without lifetime makes a short-lived value stay', async () => {
    const store = open()
    await store.set('kept', 'x', 0.05)
    await store.set('kept', 'y')
    await sleep(120)
    expect(await store.get('kept')).toBe('y')
  })

  test('a lifetime of nothing is refused, and nothing is written', async () => {
    const store = open()
    for (const ttl of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      await expect(store.set('refused', 'x', ttl)).rejects.toThrow(RangeError)
    expect(await store.get('refused')).toBeUndefined()
  })
}
