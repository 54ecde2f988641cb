import { besideBinary } from '#core/internal/binary'
import { expect, test } from '#test'

test('a folder inside a single binary is the one beside it, any other is itself', () => {
  // Where Bun's binaries have their modules, on a disk of their own.
  const virtual = ['', '$bunfs', 'root'].join('/')
  const at = (folder: string) => besideBinary(folder, '/srv/shop/shop')
  expect(at('/$bunfs/migrations')).toBe('/srv/shop/migrations')
  expect(at(`${virtual}/migrations`)).toBe('/srv/shop/migrations')
  expect([at('/$bunfs'), at(virtual)].map((one) => one.replace(/\/$/, ''))).toEqual(['/srv/shop', '/srv/shop'])
  for (const other of ['/srv/migrations', './migrations', '/$bunfsx/migrations']) expect(at(other)).toBe(other)
})
