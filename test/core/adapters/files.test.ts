import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { diskFiles } from '#core/adapters/disk-files'
import { memoryFiles } from '#core/adapters/memory-files'
import { bytesIn } from '#core/internal/size'
import { describe, expect, sleep, test } from '#test'
import { fileStoreContract } from '../../contracts/file-store.ts'
import { inFolder } from '../../services.ts'

async function* one(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text)
}
const facts = { type: 'text/plain' }

describe('files in memory', () => {
  fileStoreContract((name, body) => test(name, () => body(memoryFiles())))
})

describe('files in a folder', () => {
  fileStoreContract((name, body) => test(name, () => inFolder((folder) => body(diskFiles({ folder })))))

  test('are in a folder that is made, for nobody else to read', () =>
    inFolder(async (parent) => {
      const folder = join(parent, 'deep/er')
      const store = diskFiles({ folder })
      const draft = await store.put('a.txt', one('x'), facts)
      const [part] = readdirSync(folder)
      expect(part).toMatch(/^\.a\.txt\.[0-9a-f]{12}\.part$/)
      await draft.commit()
      expect(readdirSync(folder).sort()).toEqual(['a.txt', 'a.txt.json'])
      expect([statSync(folder).mode & 0o777, statSync(join(folder, 'a.txt')).mode & 0o777]).toEqual([0o700, 0o600])
      await store.delete('a.txt')
      expect(readdirSync(folder)).toEqual([])
    }))

  test('are never what a link points at', () =>
    inFolder(async (parent) => {
      const folder = join(parent, 'files')
      mkdirSync(folder)
      writeFileSync(join(parent, 'secret.txt'), 'secret')
      symlinkSync(join(parent, 'secret.txt'), join(folder, 'a.txt'))
      symlinkSync(join(parent, 'secret.txt'), join(folder, 'b.txt.json'))
      symlinkSync(parent, join(folder, 'c.txt'))
      mkdirSync(join(folder, 'd.txt'))
      const store = diskFiles({ folder })
      for (const name of ['a.txt', 'c.txt', 'd.txt'])
        expect([await store.get(name), await store.stat(name)]).toEqual([undefined, undefined])
      const all = []
      for await (const { name } of store.list()) all.push(name)
      expect(all).toEqual([])
      await (await store.put('a.txt', one('new'), facts)).commit()
      await (await store.put('b.txt', one('new'), { type: 'image/png' })).commit()
      expect((await store.stat('b.txt'))!.type).toBe('image/png')
      await store.delete('a.txt')
      await store.delete('c.txt')
      expect(readFileSync(join(parent, 'secret.txt'), 'utf8')).toBe('secret')
    }))

  test('forget drafts that nobody finished, when they are old', () =>
    inFolder(async (folder) => {
      const store = diskFiles({ folder })
      await store.put('old.txt', one('x'), facts)
      for (const part of readdirSync(folder)) utimesSync(join(folder, part), 1, 1)
      await store.put('new.txt', one('x'), facts)
      expect([await store.clean(Date.now() - 60_000), readdirSync(folder).length]).toEqual([1, 1])
    }))

  test.skipIf(!('Bun' in globalThis && existsSync('/proc/self/fd')))(
    'are closed when whoever read them went away, with their store',
    () =>
      inFolder(async (folder) => {
        const open = (): number =>
          readdirSync('/proc/self/fd').filter((fd) => {
            try {
              return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder)
            } catch {
              return false
            }
          }).length
        const half = async (): Promise<void> => {
          const store = diskFiles({ folder })
          await (await store.put('a.txt', one('x'.repeat(200_000)), facts)).commit()
          const dropped = (await store.get('a.txt'))!.getReader()
          await dropped.read()
          const left = (await store.get('a.txt'))!.getReader()
          const reading = left.read()
          await left.cancel()
          await reading
        }
        for (let i = 0; i < 20; i++) await half()
        for (let i = 0; i < 200 && open() > 2; i++) {
          Bun.gc(true)
          await sleep(10)
        }
        // A collector may keep what it last looked at.
        expect(open()).toBeLessThanOrEqual(2)
      }),
  )

  test('without their facts are bytes', () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, 'a.txt'), 'x')
      expect(await diskFiles({ folder }).stat('a.txt')).toMatchObject({ type: 'application/octet-stream', size: 1 })
    }))
})

test('a size is bytes, or a number with its unit', () => {
  expect([bytesIn(7), bytesIn('7B'), bytesIn('64KB'), bytesIn('1.5MB'), bytesIn('1GB')]).toEqual([
    7, 7, 65_536, 1_572_864, 1_073_741_824,
  ])
  for (const wrong of ['5 MB', '5mb', 'MB', '-1B', '', -1, 1.5, Number.NaN])
    expect(() => bytesIn(wrong as never)).toThrow('is no size')
})
