import type { Definition } from '../../plugins/settings/definition.ts'
import { probeStores } from '../../plugins/settings/inspection.ts'
import type { Loaded } from '../../plugins/settings/load.ts'
import { isReference } from '../../plugins/settings/secrets/reference.ts'
import { misused } from '../failure.ts'
import { declaredSettings, exitCodeOf, print, printJson, readFor } from './declared.ts'

export interface CheckFlags {
  readonly profile?: readonly string[]
  readonly offline: boolean
  readonly json: boolean
  readonly stores: boolean
  readonly set?: readonly string[]
}

/** Reads the settings of each profile and tells everything that is wrong with them. */
export async function checkSettings({ profile = [], offline, json, stores, set = [] }: CheckFlags): Promise<void> {
  if (stores && offline) throw misused('--stores asks them, and --offline asks nobody')
  const definition = await declaredSettings()
  const reports = []
  // One after the other: stores of secrets count how much they are asked.
  for (const one of profile.length === 0 ? [undefined] : profile)
    reports.push(
      reportOf(definition, await readFor(definition, { offline, set, ...(one !== undefined && { profile: one }) })),
    )
  const probed = stores ? await probeStores(definition, [profile[0] ?? definition.options.profiles[0]!]) : []
  const closed = probed.some(({ trouble }) => trouble !== undefined)
  const codes = [...reports.map(({ exitCode }) => exitCode), closed ? 3 : 0]
  process.exitCode = codes.includes(1) ? 1 : Math.max(...codes)
  const found = reports.map(({ exitCode: _, ...report }) => ({ ...report, ...(stores && { stores: probed }) }))
  if (json) printJson(found)
  else for (const report of reports) print(inWords(report))
  if (!json) for (const { scheme, trouble = 'answers' } of probed) print(`store    ${scheme}: ${trouble}`)
}

/** A setting that is a secret: whether it is set, and by whom. */
interface SecretState {
  readonly key: string
  readonly from: string | null
  readonly reference?: string
}

interface Report {
  readonly profile: string
  readonly ok: boolean
  readonly faults: Loaded['faults']
  readonly warnings: readonly string[]
  /** Secrets of stores that were not asked. */
  readonly unread: readonly string[]
  readonly secrets: readonly SecretState[]
  readonly settings: number
  readonly exitCode: 0 | 1 | 3
}

function reportOf({ leaves }: Definition, { profiles, faults, warnings, unread, history }: Loaded): Report {
  const secrets = [...leaves.values()].flatMap(({ key, secret }): SecretState[] => {
    const last = history.get(key)?.at(-1)
    const reference = isReference(last?.raw) ? { reference: last.raw } : {}
    return secret || 'reference' in reference ? [{ key, from: last?.from ?? null, ...reference }] : []
  })
  const exitCode = exitCodeOf(faults)
  const profile = profiles.join(',')
  return { profile, ok: faults.length === 0, faults, warnings, unread, secrets, settings: leaves.size, exitCode }
}

function inWords({ profile, ok, faults, warnings, unread, secrets, settings }: Report): string {
  const unset = secrets.filter(({ from }) => from === null).map(({ key }) => key)
  return [
    ...faults.map(({ text }) => `wrong    ${text}`),
    ...warnings.map((text) => `warning  ${text}`),
    ...(unread.length > 0 ? [`unread   ${unread.join(', ')}: nobody was asked, and rules were not run`] : []),
    ...(unset.length > 0 ? [`unset    ${unset.join(', ')}: secrets without a value`] : []),
    `${ok ? 'ok       ' : 'invalid  '}${profile}: ${settings} settings${ok ? '' : `, ${faults.length} wrong`}`,
  ].join('\n')
}
