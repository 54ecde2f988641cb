import { nearest } from '#core/internal/spelling'
import type { Database } from '#core/ports/database'
import { ProblemError } from '#core/problem'
import type { Accounts } from '../../plugins/accounts/index.ts'
import { type Made, madeRows } from './rows.ts'
import type { Factories, Scenario, ScenarioUser, UserSetup } from './scenario.types.ts'

/** What a scenario needs of accounts: the service of `kwik/accounts` has it. */
export type ScenarioAccounts = Pick<Accounts, 'createUser' | 'createRole' | 'setRoles'>

export interface ScenarioOptions<F extends Factories> {
  readonly database: Database
  /** For `withUser` and `withRole`. */
  readonly accounts?: ScenarioAccounts
  /** Rows that scenarios can have: `{ products: factory(products) }` gives `withProducts`. */
  readonly factories?: F
  /** Makes the sample values. @default 'kwik', or KWIK_SEED */
  readonly seed?: string
}

interface Step {
  readonly run: (world: World) => Promise<void>
}
interface World {
  readonly users: Record<string, ScenarioUser>
  readonly rows: Made
}

/**
 * Makes the builder of an app's scenarios. From `kwik/testing`.
 *
 * @throws {TypeError} when a scenario names a role, factory or trait that does not exist
 * @example
 * export const Scenario = scenarios({ database, accounts, factories: { products: factory(products) } })
 * const s = await Scenario().withUser('alice', { admin: true }).withProducts(5).build()
 * s.users.alice.email
 */
export function scenarios<const F extends Factories = {}>(options: ScenarioOptions<F>): () => Scenario<F> {
  const { database, accounts, factories = {} as F } = options
  const seed = options.seed ?? process.env['KWIK_SEED'] ?? 'kwik'
  const needAccounts = (): ScenarioAccounts => {
    if (!accounts) throw new TypeError('a scenario with users needs scenarios({ accounts })')
    return accounts
  }
  const names = new Map(
    Object.keys(factories).map((name) => [`with${name.charAt(0).toUpperCase()}${name.slice(1)}`, name]),
  )

  const builder = (steps: readonly Step[]): object => {
    const then = (run: Step['run']): object => builder([...steps, { run }])
    const own: Record<string, unknown> = {
      withRole: (name: string, { permissions }: { permissions: readonly string[] }) =>
        then(async () => void (await needAccounts().createRole({ name, permissions }, 'system'))),
      withUser: (name: string, setup: UserSetup = {}) =>
        then(async (world) => void (world.users[name] = await makeUser(needAccounts(), name, setup))),
      using: (more: (scenario: object) => object) => more(builder(steps)),
      build: () =>
        database.tx(async () => {
          const users: Record<string, ScenarioUser> = {}
          // A row that belongs to somebody belongs to the scenario's users in turn, or to one made for it.
          const userFor = async (seq: number): Promise<ScenarioUser> => {
            if (Object.keys(users).length === 0) users['somebody'] = await makeUser(needAccounts(), 'somebody', {})
            return Object.values(users)[seq % Object.keys(users).length]!
          }
          const world: World = { users, rows: madeRows(database, factories, seed, userFor) }
          for (const step of steps) await step.run(world)
          return { users: world.users, ...world.rows.all() }
        }),
    }
    return new Proxy(own, {
      get(target, word) {
        if (typeof word !== 'string' || word in target) return target[word as string]
        const name = names.get(word)
        // A builder that is awaited by mistake is no promise.
        if (word === 'then') return undefined
        if (!name) throw new TypeError(unknownStep(word, [...Object.keys(own), ...names.keys()]))
        return (count = 1, values: object = {}, ...traits: string[]) =>
          then((world) => world.rows.add(name, count, values, traits))
      },
    })
  }
  return () => builder([]) as Scenario<F>
}

function unknownStep(word: string, known: readonly string[]): string {
  const close = nearest(word, known)
  return `Scenario has no ${word}()${close ? `, did you mean ${close}()?` : ''}; it has: ${known.join(', ')}`
}

async function makeUser(accounts: ScenarioAccounts, name: string, setup: UserSetup): Promise<ScenarioUser> {
  const { admin, permissions, email = `${name.toLowerCase()}@example.com`, password = crypto.randomUUID() } = setup
  const roles = [...(setup.roles ?? [])]
  const own = admin ? ['*'] : permissions
  if (own) {
    const role = `${name}'s own`
    await accounts.createRole({ name: role, permissions: own }, 'system')
    roles.push(role)
  }
  try {
    const { id } = await accounts.createUser({ email, name, password, roles }, 'system')
    for (const [tenant, held] of Object.entries(setup.tenants ?? {}))
      await accounts.setRoles(id, held, 'system', tenant)
    return { id, email, name }
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    const why = error.problem.errors?.map((issue) => issue.detail).join('; ') ?? error.message
    throw new TypeError(`Scenario: user "${name}" cannot be made: ${why}`, { cause: error })
  }
}
