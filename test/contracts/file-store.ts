import type { FileStore } from '#core/ports/file-store'
import { expect } from '#test'

type Run = (name: string, body: (store: FileStore) => Promise<void>) => void

async function* pieces(...texts: string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}
const textOf = async (stream: ReadableStream<Uint8Array> | undefined) =>
  stream === undefined ? undefined : new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).text()
const put = async (store: FileStore, name: string, ...texts: string[]) =>
  (await store.put(name, pieces(...texts), { type: 'text/plain' })).commit()
const names = async (store: FileStore): Promise<string[]> => {
  const all: string[] = []
  for await (const { name } of store.list()) all.push(name)
  return all.sort()
}

/** What every store of files holds to. `run` makes an empty store for each test. */
export function fileStoreContract(run: Run): void {
  run('a file comes back as it was written, with what is known of it', async (store) => {
    const facts = { type: 'image/png', filename: 'grüße "1".png' }
    const draft = await store.put('a-1.png', pieces('hello ', '', 'world'), facts)
    expect(draft.size).toBe(11)
    await draft.commit()
    expect(await textOf(await store.get('a-1.png'))).toBe('hello world')
    const known = await store.stat('a-1.png')
    expect(known).toEqual({ ...facts, size: 11, storedAt: known!.storedAt })
    expect(Math.abs(known!.storedAt - Date.now())).toBeLessThan(60_000)
    await put(store, 'empty.txt')
    expect([await textOf(await store.get('empty.txt')), (await store.stat('empty.txt'))!.size]).toEqual(['', 0])
  })

  run('is not there before it is committed, nor after it was discarded', async (store) => {
    const draft = await store.put('a.txt', pieces('x'), { type: 'text/plain' })
    expect([await store.stat('a.txt'), await store.get('a.txt'), await names(store)]).toEqual([
      undefined,
      undefined,
      [],
    ])
    await draft.discard()
    await draft.discard()
    expect(await names(store)).toEqual([])
  })

  run('gives a part, by its first and last byte', async (store) => {
    await put(store, 'a.txt', '0123456789')
    const part = async (start: number, end: number) => textOf(await store.get('a.txt', { start, end }))
    expect([await part(0, 0), await part(3, 5), await part(9, 9), await part(0, 9)]).toEqual([
      '0',
      '345',
      '9',
      '0123456789',
    ])
  })

  run('writes and reads large files in pieces of 64 KB', async (store) => {
    const text = 'x'.repeat(300_001)
    await put(store, 'a.txt', text)
    let [size, largest] = [0, 0]
    for await (const chunk of (await store.get('a.txt'))! as unknown as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength
      largest = Math.max(largest, chunk.byteLength)
    }
    expect([size, largest]).toEqual([300_001, 65_536])
    const left = (await store.get('a.txt'))!.getReader()
    await left.read()
    await left.cancel()
  })

  run('is gone when it was deleted, and deleting it again is no error', async (store) => {
    await put(store, 'a.txt', 'x')
    await put(store, 'b.txt', 'y')
    await store.delete('a.txt')
    await store.delete('a.txt')
    await store.delete('never.txt')
    expect([await names(store), await store.stat('a.txt')]).toEqual([['b.txt'], undefined])
  })

  run('has nothing left of content that breaks off', async (store) => {
    async function* broken(): AsyncIterable<Uint8Array> {
      yield Buffer.from('x'.repeat(100_000))
      throw new Error('the client left')
    }
    await expect(store.put('a.txt', broken(), { type: 'text/plain' })).rejects.toThrow('the client left')
    expect([await names(store), await store.clean(Date.now() + 1000)]).toEqual([[], 0])
  })

  run('knows no names that could be paths', async (store) => {
    const paths = [
      '../a.txt',
      '/etc/passwd',
      'a/b.txt',
      'a\\b.txt',
      'a\0.txt',
      '..',
      '.',
      '',
      '.a.txt',
      'a',
      'A.TXT',
      'a.txt.json',
      'a..txt',
      `${'a'.repeat(65)}.txt`,
    ]
    await put(store, 'a.txt', 'x')
    for (const name of paths) {
      await expect(store.put(name, pieces('x'), { type: 'text/plain' })).rejects.toThrow(TypeError)
      expect([await store.get(name), await store.stat(name)]).toEqual([undefined, undefined])
      await store.delete(name)
    }
    expect(await names(store)).toEqual(['a.txt'])
  })
}
