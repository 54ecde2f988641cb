import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { isMap, type LocatedMap } from '../../plugins/settings/files/located.ts'
import { parseYaml } from '../../plugins/settings/files/yaml.ts'
import { masterKeyPath } from '../../plugins/settings/secrets/encrypted.ts'
import { newMasterKey } from '../../plugins/settings/secrets/sealed-file.ts'
import { CliFailure, misused } from '../failure.ts'
import { close, keyFor, opened, type SealedSecrets, sealedSecrets, storeKey } from './sealed.ts'

const beginning = `# Secrets, as names and values. Settings read them as secret://encrypted/mail.key
# mail:
#   key: a value
`

/** Opens the secrets of a profile in an editor, and seals what it leaves. */
export async function editSecrets({
  profile,
  stdin,
}: {
  readonly profile: string
  readonly stdin: boolean
}): Promise<void> {
  const secrets = sealedSecrets(profile)
  const before = existsSync(secrets.path) ? opened(secrets) : undefined
  const after = stdin ? await textOf(process.stdin) : inEditor(before ?? beginning)
  if (after === before) return say(`${secrets.shown} unchanged`)
  const { key, made } = keyFor(secrets)
  close(secrets, after, key)
  say(`${secrets.shown} sealed`)
  if (made)
    say(
      'a new key is in config/master.key, which git does not see: keep a copy where you keep passwords, and set KWIK_MASTER_KEY in production',
    )
}

/** The text as an editor leaves it. It is in a folder of its own, which nobody else may read, for as long as that takes. */
function inEditor(text: string): string {
  const editor = process.env['VISUAL'] || process.env['EDITOR']
  if (!editor) throw misused('no editor: set EDITOR, or pass --stdin')
  const folder = mkdtempSync(join(tmpdir(), 'kwik-secrets-'))
  const file = join(folder, 'secrets.yaml')
  try {
    writeFileSync(file, text, { mode: 0o600 })
    const [program = editor, ...words] = editor.split(' ')
    const { status, error } = spawnSync(program, [...words, file], { stdio: 'inherit' })
    if (error || status !== 0)
      throw new CliFailure(
        `the editor ${program} ended ${error ? 'with an error' : `with ${status}`}: nothing was changed`,
      )
    return readFileSync(file, 'utf8')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Seals the secrets of profiles with a new key. */
export function rotateKey({ profile }: { readonly profile: readonly string[] }): void {
  const all = profile.map(sealedSecrets)
  const texts = all.map((one) => ({ secrets: one, text: opened(one) }))
  const { around } = all[0] as SealedSecrets
  const isFile =
    existsSync(masterKeyPath(around)) && !process.env['KWIK_MASTER_KEY'] && !process.env['KWIK_MASTER_KEY_FILE']
  const key = newMasterKey()
  for (const { secrets, text } of texts) close(secrets, text, key)
  if (isFile) storeKey(around, key)
  for (const { shown } of all) say(`${shown} sealed with a new key`)
  // The only moment in which somebody can take it over.
  say(isFile ? 'the new key is in config/master.key' : `set KWIK_MASTER_KEY to ${key}`)
}

/** Lists the names of the secrets of a profile, never their values. */
export function showKeys({ profile, json }: { readonly profile: string; readonly json: boolean }): void {
  const names = namesIn(parseYaml(opened(sealedSecrets(profile))).tree)
  say(json ? JSON.stringify(names) : names.join('\n'))
}

const namesIn = (tree: LocatedMap, above = ''): string[] =>
  tree.fields.flatMap(({ name, node }) => (isMap(node) ? namesIn(node, `${above}${name}.`) : [`${above}${name}`]))

const say = (text: string): void => void process.stdout.write(`${text}\n`)
