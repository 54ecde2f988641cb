import { existsSync, readFileSync } from 'node:fs'
import { isRepeated } from '#core/internal/repeats'
import { type Finding, finding } from '../codes.ts'
import { sourcesOf } from '../sources.ts'
import type { Check, Subject } from '../subject.ts'

interface Named {
  readonly where: string
  readonly text: string
}

/** The secrets that an app signs with. */
export const secrets: Check = (subject) => {
  const found: Finding[] = []
  const made = developmentSecretOf(subject)
  const sources = sourcesOf(subject.project.root)
  for (const { where, text } of secretsOf(subject)) {
    const weakness = weaknessOf(text)
    if (weakness !== undefined) found.push(finding('secret-weak', where, weakness))
    const file = sources.find((source) => source.text.includes(text))
    if (file !== undefined) found.push(finding('secret-in-code', where, `it stands in ${file.path}`))
    if (subject.production && text === made)
      found.push(finding('secret-development', where, 'it is the one that developmentSecret() made'))
  }
  return found
}

function secretsOf({ options, settings }: Subject): readonly Named[] {
  const { tokens, shaping } = options ?? {}
  const from = tokens?.secret === undefined ? undefined : settings?.explain?.('tokens.secret').from
  const where = from === undefined || from === 'nowhere' ? 'tokens.secret' : `tokens.secret (${from})`
  return [
    ...named(where, tokens?.secret),
    ...(tokens?.keys ?? []).flatMap((key, at) => ('secret' in key ? named(`tokens.keys[${at}]`, key.secret) : [])),
    ...(shaping?.keys ?? []).flatMap((key, at) => named(`shaping.keys[${at}]`, key)),
  ]
}

const named = (where: string, secret: unknown): readonly Named[] => {
  if (typeof secret === 'string') return [{ where, text: secret }]
  if (secret instanceof Uint8Array) return [{ where, text: Buffer.from(secret).toString('latin1') }]
  return []
}

const shortest = 32
const guessed =
  /secret|password|passwort|change-?me|example|default|placeholder|insecure|123456|abcdef|qwerty|your[-_]/i

/** Why a secret can be guessed. What was made at random has none of it. */
export function weaknessOf(text: string): string | undefined {
  if (Buffer.byteLength(text) < shortest) return `it has ${Buffer.byteLength(text)} bytes, and needs ${shortest}`
  if (new Set(text).size < 12) return 'it is made of few different characters'
  if (isRepeated(text, text.length)) return 'it repeats itself'
  const word = guessed.exec(text)?.[0]
  return word === undefined ? undefined : `it has the word "${word.toLowerCase()}" in it`
}

function developmentSecretOf({ project }: Subject): string | undefined {
  for (const file of [project.path('data/.kwik/secret'), project.path('.kwik/secret')])
    if (existsSync(file)) return readFileSync(file, 'utf8').trim()
  return undefined
}
