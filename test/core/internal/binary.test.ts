import { besideBinary } from '#core/internal/binary'
import { expect, test } from '#test'

test('a folder inside a single binary is the one beside it, any other is itself', () => {
  const at = (folder: string) => besideBinary(folder, '/srv/shop/shop')
  expect(at('/$bunfs/migrations')).toBe('/srv/shop/migrations')
  expect(at('/$bunfs/root/migrations')).toBe('/srv/shop/migrations')
  expect([at('/$bunfs'), at('/$bunfs/root')].map((one) => one.replace(/\/$/, ''))).toEqual(['/srv/shop', '/srv/shop'])
  for (const other of ['/srv/migrations', './migrations', '/$bunfsx/migrations']) expect(at(other)).toBe(other)
})
