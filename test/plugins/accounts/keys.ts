import { expect } from '#test'
import type { MadeApiKey } from '../../../plugins/accounts/index.ts'
import type { Office } from './app.ts'

/** Where the caller's keys are. */
export const mine: string = '/users/me/api-keys'
export const withKey = (key: string): { readonly 'x-api-key': string } => ({ 'x-api-key': key })

/** Makes a key for a user as they would. */
export async function keyOf(
  office: Office,
  token: string,
  scopes: readonly string[],
  more: object = {},
): Promise<MadeApiKey> {
  const made = await office.ask('POST', mine, token, { name: 'ci', scopes, ...more })
  expect([made.status, made.body.detail]).toEqual([201, undefined])
  return made.body
}

export async function events(
  office: Office,
  type: 'api-key.used' | 'api-key.refused' | 'api-key.created' | 'api-key.revoked',
): Promise<readonly object[]> {
  await office.service.apiKeys.settled()
  return (await office.service.securityEvents.list({ type, limit: 100 })).data.map(({ details }) => details)
}

/** A key of a right form: its check fits. */
export async function signed(body: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(body))
  return `${body}${Buffer.from(digest).toString('base64url').slice(0, 6)}`
}

export async function roleOf(office: Office, email: string): Promise<string> {
  const { data } = await office.service.listRoles({ limit: 100 })
  return data.find(({ name }) => name === `role of ${email}`)!.id
}
