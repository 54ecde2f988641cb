import { accountTables } from 'kwik/accounts'
import { keepCopies } from '#core/tags'
import { expect } from '#test'
import { accountsService } from '../../../plugins/accounts/index.ts'
import { both } from '../../services.ts'

both('what a cache has kept of users ends when accounts change them', accountTables, async (database) => {
  const ended: string[] = []
  keepCopies(database, {
    hold: async (tags) => tags,
    end: async (tags) => {
      ended.push(...tags)
    },
  })
  const accounts = accountsService(database)
  const { id } = await accounts.createUser({ email: 'ada@example.com', password: 'correct horse battery' }, 'system')
  expect(new Set(ended.splice(0))).toEqual(new Set(['users']))
  await accounts.updateUser(id, { name: 'Ada' }, 'system')
  expect(new Set(ended.splice(0))).toEqual(new Set(['users', `users:${id}`]))
  await accounts.deactivateUser(id, 'system')
  expect(new Set(ended.splice(0))).toEqual(new Set(['users', `users:${id}`]))
})
