import { expect, test } from '#test'
import { compile } from './compile.ts'

const program = (use: string): string => `import type { Principals } from 'kwik/core'
import type { ScopeContext } from 'kwik/shaping'
export type Known = Principals
declare module 'kwik/core' {
  interface User {
    readonly tenantId?: string
  }
}
export const tenantOf = ({ user }: ScopeContext): string | undefined => user?.${use}
`

test('an app says what its users have more than an id, and scopes see it', async () => {
  const { right, wrong } = await compile({ right: program('tenantId'), wrong: program('tenant') })
  expect(right.messages).toBe('')
  expect(wrong.messages).toContain("'tenant'")
})
