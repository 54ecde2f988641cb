import { Scenario } from './index.ts'

/** What `kwik db seed --scenario demo` makes. Rows of your resources go in here: `.withProducts(20)`. */
const demo = () =>
  Scenario()
    .withRole('staff', { permissions: ['users:read'] })
    .withUser('ann', { roles: ['staff'] })
    .build()

export default demo
