import { ProblemError } from '#core/problem'
import { type Principal, Scope } from '#core/scope'
import { describe, expect, test } from '#test'
import type { TokenReader } from '../../../plugins/tokens/access-token.ts'
import { bearerAuthenticator } from '../../../plugins/tokens/authenticator.ts'
import { tokenService } from '../../../plugins/tokens/index.ts'
import { courtOfAccounts, Recognition } from '../../../plugins/tokens/recognition.ts'
import { People, secret } from './forge.ts'

const service = tokenService({ secret })
const tokenOf = async (id = 'ann') => (await service.issue({ id, tokenVersion: 1 })).token

function make(people: People, remember = 100) {
  const court = courtOfAccounts(people, { now: Date.now })
  const { authenticate } = bearerAuthenticator(new Recognition('bearer', tokenService({ secret }), court, remember))
  return (token: string) =>
    authenticate(new Scope(new Request('http://localhost/', { headers: { authorization: `Bearer ${token}` } })))
}

describe('a token that was verified before', () => {
  test('is answered without waiting, and without asking the accounts while they are certain', async () => {
    const people = new People().add('ann')
    const authenticate = make(people)
    const token = await tokenOf()
    const first = authenticate(token)
    expect(first).toBeInstanceOf(Promise)
    await first
    const second = authenticate(token)
    const third = authenticate(token)
    expect(second).not.toBeInstanceOf(Promise)
    expect(third).toBe(second)
    expect((third as Principal).id).toBe('ann')
    expect(people.loads).toBe(1)
  })
  test('gives what the account may do now, not when it was issued', async () => {
    const people = new People().add('ann', 1, 'a:read')
    const authenticate = make(people)
    const token = await tokenOf()
    const held = async () => [...((await authenticate(token)) as Principal).permissions]
    expect(await held()).toEqual(['a:read'])
    people.add('ann', 1, 'a:read', 'b:read')
    expect(await held()).toEqual(['a:read', 'b:read'])
  })
  test('waits for the accounts when they are not certain, and is refused when they say no', async () => {
    const people = new People().add('ann')
    const authenticate = make(people)
    const token = await tokenOf()
    await authenticate(token)
    people.fresh.clear()
    people.accounts.delete('ann')
    const answer = authenticate(token)
    expect(answer).toBeInstanceOf(Promise)
    expect(await answer).toBeInstanceOf(ProblemError)
  })
  test('is verified again when newer tokens took its place: the memory is bounded', async () => {
    const signatures = { checked: 0 }
    const reader: TokenReader = {
      read(token) {
        signatures.checked++
        return service.read(token)
      },
    }
    const people = new People().add('ann')
    const recognition = new Recognition('bearer', reader, courtOfAccounts(people, { now: Date.now }), 2)
    const [first, second, third] = [await tokenOf(), await tokenOf(), await tokenOf()]
    for (const token of [first, second, third, third, second]) await recognition.of(token)
    expect(signatures.checked).toBe(3)
    await recognition.of(first)
    expect(signatures.checked).toBe(4)
  })
})

test('a token that was refused is not remembered', async () => {
  const people = new People()
  const authenticate = make(people)
  const token = await tokenOf('late')
  expect(await authenticate(token)).toBeInstanceOf(ProblemError)
  people.add('late')
  expect((await authenticate(token)) as Principal).toMatchObject({ id: 'late' })
})
