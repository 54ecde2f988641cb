import * as node from 'node:test'
import { format } from 'node:util'
import { chai, JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect'

/** The words of bun:test that Kwik's tests use, over node:test. */
type Body = (...given: unknown[]) => unknown
type Options = number | { readonly timeout?: number } | undefined
type Register = (name: string, options: object, body: Body) => unknown
type Rows = readonly unknown[]

const timeoutOf = (options: Options): { timeout?: number } => {
  const timeout = typeof options === 'number' ? options : options?.timeout
  return timeout === undefined ? {} : { timeout }
}

/** `%s`, `%d`, `%j` take the row's values in turn; what is left over is not appended. */
function titleOf(name: string, row: Rows): string {
  const places = name.match(/%[sdijoO]/g)?.length ?? 0
  return places === 0 ? name : format(name.replaceAll('%i', '%d'), ...row.slice(0, places))
}

function wordOver(register: Register): object {
  const plain =
    (extra: object) =>
    (name: string, body: Body = () => {}, options?: Options): unknown =>
      register(name, { ...extra, ...timeoutOf(options) }, () => body())
  const each =
    (rows: Rows) =>
    (name: string, body: Body, options?: Options): void => {
      for (const given of rows) {
        const row = Array.isArray(given) ? given : [given]
        register(titleOf(name, row), timeoutOf(options), () => body(...row))
      }
    }
  const skip = plain({ skip: true })
  return Object.assign(plain({}), {
    each,
    skip,
    skipIf: (condition: unknown) => (condition ? skip : plain({})),
    if: (condition: unknown) => (condition ? plain({}) : skip),
  })
}

chai.use(JestExtend)
chai.use(JestChaiExpect)
chai.use(JestAsymmetricMatchers)
const expect = Object.assign((value: unknown, message?: string) => chai.expect(value, message), chai.expect)

const { after: afterAll, afterEach, before: beforeAll, beforeEach } = node

export const words: never = {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe: wordOver(node.describe as Register),
  expect,
  test: wordOver(node.test as Register),
} as never
