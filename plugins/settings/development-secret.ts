import { randomBytes } from 'node:crypto'
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { Secret } from '#core/secret'

const shortest = 32

/**
 * A random secret for development and tests, kept in `.kwik/secret` below a folder so that tokens outlive a restart; only its
 * owner can read the file, and git does not see it. From `kwik/settings`.
 *
 * @throws {TypeError} when the file holds something shorter than 32 characters
 * @example
 * const key = settings.current.tokens.secret ?? developmentSecret('.')
 */
export function developmentSecret(dir: string): Secret {
  const folder = join(dir, '.kwik')
  const file = join(folder, 'secret')
  const kept = read(file)
  if (kept !== undefined) return kept
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, '.gitignore'), 'secret*\n')
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  writeFileSync(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 })
  try {
    // A link appears whole or not at all: two processes that start together agree on one secret.
    linkSync(draft, file)
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft, { force: true })
  }
  return read(file)!
}

function read(file: string): Secret | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined
    throw error
  }
  if (text.length < shortest)
    throw new TypeError(`${file} is too short to be a secret: delete it, and a new one is made`)
  chmodSync(file, 0o600)
  return new Secret(text)
}
