import type { Definition } from '../../plugins/settings/definition.ts'
import { type Explanation, explain } from '../../plugins/settings/generation.ts'
import type { Loaded } from '../../plugins/settings/load.ts'
import { misused } from '../failure.ts'
import { declaredSettings, print, printJson, type ReadFlags, readFor, settingOf } from './declared.ts'

export interface ExplainFlags extends ReadFlags {
  readonly all: boolean
  readonly json: boolean
}

/** Tells where values come from, and what they count more than. */
export async function explainSettings({ all, json, ...flags }: ExplainFlags, keys: readonly string[]): Promise<void> {
  if (all === keys.length > 0) throw misused('which setting? Write kwik settings explain server.port, or --all')
  const definition = await declaredSettings()
  const leaves = all ? [...definition.leaves.values()] : keys.map((key) => settingOf(definition, key))
  const loaded = await readFor(definition, flags)
  const told = leaves.map((leaf) => explain(loaded, leaf))
  if (json) printJson(all || told.length > 1 ? told : told[0])
  else print(told.map(inWords).join('\n'))
  noteFaults(loaded)
}

function inWords({ key, value, from, reference, hot, overrides }: Explanation): string {
  const change = hot ? 'a reload changes it' : 'a change needs a restart'
  const first = value === undefined ? `${key} is not set  (${change})` : `${key} = ${value}  ${from}  (${change})`
  return [
    first,
    ...(reference === undefined ? [] : [`  reads      ${reference}`]),
    ...(overrides.length === 0
      ? []
      : [`  overrides  ${overrides.map((one) => `${one.from} ${one.value}`).join('  <-  ')}`]),
  ].join('\n')
}

/** Prints one value as it is, for scripts. Secrets are not printed. */
export async function getSetting(flags: ReadFlags & { readonly json: boolean }, key: string): Promise<void> {
  const definition = await declaredSettings()
  const leaf = settingOf(definition, key)
  if (leaf.secret) throw misused(`${key} is a secret: kwik prints none`)
  const loaded = await readFor(definition, flags)
  if (loaded.hidden.has(key)) throw misused(`${key} is read from a store of secrets: kwik prints none`)
  const value = loaded.values.get(key)
  const isWrong = loaded.faults.some((fault) => fault.key === key) || loaded.unread.includes(key)
  if (isWrong) noteFaults(loaded)
  if (isWrong || value === undefined) process.exitCode = 1
  if (flags.json) printJson(value ?? null)
  else if (value !== undefined) print(typeof value === 'object' ? JSON.stringify(value) : String(value))
}

function noteFaults({ faults }: Loaded): void {
  if (faults.length > 0)
    process.stderr.write(`${faults.length} of these settings are wrong: kwik settings check tells how\n`)
}

/** What two profiles have differently. */
export async function diffSettings(
  { json, ...flags }: Omit<ReadFlags, 'profile'> & { readonly json: boolean },
  one: string,
  other: string,
): Promise<void> {
  const definition = await declaredSettings()
  const [first, second] = [
    await readFor(definition, { ...flags, profile: one }),
    await readFor(definition, { ...flags, profile: other }),
  ]
  const found = differences(definition, first, second)
  if (json) printJson(found)
  else
    print(
      found.length === 0
        ? `${one} and ${other} are the same`
        : found.map((row) => difference(row, one, other)).join('\n'),
    )
  for (const loaded of [first, second]) noteFaults(loaded)
}

interface Row {
  readonly key: string
  readonly first: Pick<Explanation, 'value' | 'from'>
  readonly second: Pick<Explanation, 'value' | 'from'>
}

function differences({ leaves }: Definition, first: Loaded, second: Loaded): Row[] {
  const { differ } = comparing(first, second)
  return [...leaves.values()].flatMap((leaf) => {
    if (!differ(leaf.key)) return []
    const [a, b] = [explain(first, leaf), explain(second, leaf)]
    const side = ({ value, from, reference }: Explanation) => ({
      value: value === '***' && reference ? `*** of ${reference}` : value,
      from,
    })
    return [{ key: leaf.key, first: side(a), second: side(b) }]
  })
}

/** Secrets differ by what they hold, which is not shown; those that were not read by what they name. */
function comparing(first: Loaded, second: Loaded): { differ(key: string): boolean } {
  const text = ({ values, history, unread }: Loaded, key: string): string => {
    if (unread.includes(key)) return `unread ${String(history.get(key)?.at(-1)?.raw)}`
    const value = values.get(key)
    return JSON.stringify(isSecret(value) ? { secret: value.reveal() } : value) ?? 'unset'
  }
  return { differ: (key) => text(first, key) !== text(second, key) }
}

const isSecret = (value: unknown): value is { reveal(): string } =>
  typeof value === 'object' && value !== null && 'reveal' in value

const difference = ({ key, first, second }: Row, one: string, other: string): string =>
  [
    key,
    ...[
      { ...first, name: one },
      { ...second, name: other },
    ].map(({ name, value, from }) => `  ${name}  ${value ?? 'not set'}  ${value === undefined ? '' : from}`.trimEnd()),
  ].join('\n')
