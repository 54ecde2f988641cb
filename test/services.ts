import { connect } from 'node:net'
import { describe, test } from '#test'

/** Whether something listens. Where it must (CI=true), its absence fails the tests that need it. */
const listens = (port: number): Promise<boolean> =>
  new Promise((answer) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 500 })
    const done = (yes: boolean) => () => {
      socket.destroy()
      answer(yes)
    }
    socket.on('connect', done(true)).on('error', done(false)).on('timeout', done(false))
  })

export const postgresUrl = 'postgres://postgres@127.0.0.1:5432'
export const redisUrl = 'redis://127.0.0.1:6379'

const [postgres, redis] = await Promise.all([listens(5432), listens(6379)])

function needs(service: string, there: boolean, name: string, tests: () => void): void {
  if (there) describe(name, tests)
  else if (process.env['CI'] === 'true')
    test(`${name}: needs ${service}`, () => {
      throw new Error(`${service} does not answer`)
    })
  else describe.skip(`${name} (no ${service} here)`, tests)
}

/** A block of tests on a real PostgreSQL. Make your own database in it, and drop it. */
export function withPostgres(name: string, tests: (url: string) => void): void {
  needs('PostgreSQL', postgres, name, () => tests(postgresUrl))
}

/** A block of tests on a real Redis. Use a key prefix of your own in it, and delete its keys. */
export function withRedis(name: string, tests: (url: string) => void): void {
  needs('Redis', redis, name, () => tests(redisUrl))
}
