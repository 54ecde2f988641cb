import { ProblemError } from '#core/problem'
import { type Principal, Scope } from '#core/scope'
import { describe, expect, test } from '#test'
import { bearerAuthenticator } from '../../../plugins/tokens/authenticator.ts'
import { tokenService } from '../../../plugins/tokens/index.ts'
import { People, secret } from './forge.ts'

const service = tokenService({ secret })
const tokenOf = async (id = 'ann') => (await service.issue({ id, tokenVersion: 1 })).token

function make(people: People, remember = 100) {
  const { authenticate } = bearerAuthenticator({ service, principals: people, clock: { now: Date.now }, remember })
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
    const second = authenticate(token)
    await second
    const third = authenticate(token)
    expect(third).not.toBeInstanceOf(Promise)
    expect(third).toBe(authenticate(token))
    expect((third as Principal).id).toBe('ann')
    expect(people.loads).toBeLessThan(3)
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
    const authenticate = make(new People().add('ann'), 2)
    const [first, second, third] = [await tokenOf(), await tokenOf(), await tokenOf()]
    for (const token of [first, second, third]) await authenticate(token)
    expect(authenticate(third)).not.toBeInstanceOf(Promise)
    expect(authenticate(second)).not.toBeInstanceOf(Promise)
    expect(authenticate(first)).toBeInstanceOf(Promise)
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
