import { expect, test } from '#test'
import { inEach, inMemory } from './caches.ts'

inEach('a method is kept under its arguments, and each has tags of its own', async ({ cache, other }) => {
  const calls: unknown[] = []
  class Prices {
    factor = 2
    @cache.cached({ ttl: '1m', tags: (id: string) => [`products:${id}`] })
    async of(id: string, _when: Date | undefined, count = 1): Promise<{ price: bigint; count: number }> {
      calls.push(id)
      return { price: BigInt(this.factor), count }
    }
  }
  const prices = new Prices()
  const at = new Date(1)
  expect(await prices.of('a', at)).toEqual({ price: 2n, count: 1 })
  expect(await prices.of('a', new Date(1))).toEqual({ price: 2n, count: 1 })
  await prices.of('a', new Date(2))
  await prices.of('a', undefined)
  await prices.of('b', at)
  expect((await prices.of('a', at, 5)).count).toBe(5)
  expect(calls).toEqual(['a', 'a', 'a', 'b', 'a'])
  await other.invalidate('products:a')
  await prices.of('a', at)
  await prices.of('b', at)
  expect(calls.length).toBe(6)
})

inEach('a method says its key, which can be deleted by it', async ({ cache }) => {
  let calls = 0
  class Users {
    @cache.cached({ ttl: '1m', key: (user: { id: number }) => `user:${user.id}`, tags: ['users'] })
    async name(user: { id: number; run(): void }): Promise<string> {
      return `${user.id} ${++calls}`
    }
  }
  const user = { id: 7, run() {} }
  const users = new Users()
  expect([await users.name(user), await users.name(user)]).toEqual(['7 1', '7 1'])
  expect(await cache.get<string>('user:7', { tags: ['users'] })).toBe('7 1')
  await cache.delete('user:7')
  expect(await users.name(user)).toBe('7 2')
})

test('methods of one name in two classes are not taken for each other', () =>
  inMemory(async ({ cache }) => {
    const make = (answer: string) => {
      class Service {
        @cache.cached({ ttl: '1m' })
        async find(): Promise<string> {
          return answer
        }
      }
      return new Service()
    }
    const [one, two] = [make('one'), make('two')]
    class Other {
      @cache.cached({ ttl: '1m' })
      async find(): Promise<string> {
        return 'other'
      }
      @cache.cached({ ttl: '1m' })
      static async find(): Promise<string> {
        return 'static'
      }
      @cache.cached({ ttl: '1m' })
      async ofClass(given: object): Promise<boolean> {
        return given !== undefined
      }
    }
    class Sub extends Other {
      override async ofClass(): Promise<boolean> {
        return false
      }
    }
    expect([await one.find(), await new Other().find(), await Other.find()]).toEqual(['one', 'other', 'static'])
    await expect(two.find()).rejects.toThrow('two classes named "Service"')
    await expect(new Other().ofClass(new Other())).rejects.toThrow('an instance of Other')
    expect(await new Sub().ofClass()).toBe(false)
    const Nameless = (() =>
      class {
        @cache.cached({ ttl: '1m' })
        async find(): Promise<string> {
          return 'x'
        }
      })()
    await expect(new Nameless().find()).rejects.toThrow('a class without a name')
  }))
