import type { Factory } from './factory.ts'

// Type-level code: `any` erases the rows of the factories that a scenario is made of.
export type Factories = Readonly<Record<string, Factory<any, any, any>>>
type RowOf<F> = F extends Factory<infer Row, any, any> ? Row : never
type InsertOf<F> = F extends Factory<any, infer Insert, any> ? Partial<Insert> : never
type TraitOf<F> = F extends Factory<any, any, infer Trait extends string> ? Trait : never

/** A user of a scenario. */
export interface ScenarioUser {
  readonly id: string
  readonly email: string
  /** The name in the scenario. */
  readonly name: string
}

export interface UserSetup<Role extends string = string> {
  /** Holds every permission. @default false */
  readonly admin?: boolean
  /** Roles of the scenario, or of the database. */
  readonly roles?: readonly Role[]
  /** Roles that hold in one tenant alone, by its name: `{ acme: ['member'] }`. */
  readonly tenants?: Readonly<Record<string, readonly Role[]>>
  /** Permissions through a role of the user's own. */
  readonly permissions?: readonly string[]
  /** @default '<name>@example.com' */
  readonly email?: string
  /** Only a user who logs in needs one. @default a random one */
  readonly password?: string
}

/** What `build()` answers. */
export type Built<Users extends string, Rows> = {
  readonly users: { readonly [K in Users]: ScenarioUser }
} & { readonly [K in keyof Rows]: Rows[K] }

/** A world for a test or a seed, declared step by step and made by `build()`. */
export type Scenario<F extends Factories, Users extends string = never, Rows = {}> = {
  /** A role with permissions. */
  withRole(name: string, setup: { readonly permissions: readonly string[] }): Scenario<F, Users, Rows>
  /** A user, found as `users.<name>`. */
  withUser<const Name extends string>(name: Name, setup?: UserSetup): Scenario<F, Users | Name, Rows>
  /** Steps that several scenarios share. */
  using<Next>(steps: (scenario: Scenario<F, Users, Rows>) => Next): Next
  /** Makes everything in one transaction. */
  build(): Promise<Built<Users, Rows>>
} & {
  /** Rows of a factory: `withProducts(5)`, with values, with traits. */
  [K in keyof F & string as `with${Capitalize<K>}`]: (
    count?: number,
    values?: InsertOf<F[K]>,
    ...traits: readonly TraitOf<F[K]>[]
  ) => Scenario<F, Users, Rows & { readonly [_ in K]: readonly RowOf<F[K]>[] }>
}
