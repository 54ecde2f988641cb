import type { Usage } from '../../plugins/versioning/index.ts'
import { CliFailure } from '../failure.ts'
import { versionedApp } from './app.ts'

/** Prints who still uses which version. */
export async function versionsInUse(since: string, json: boolean): Promise<void> {
  const { usage, api } = await versionedApp()
  if (!usage)
    throw new CliFailure(
      'nobody counts: versions({ usage: databaseUsage(database) }), with versionTables in src/schema.ts',
    )
  const rows = summed(await usage.read(since))
  const places = new Map(api.versions.map(({ name }, at) => [name, at]))
  rows.sort(
    (a, b) =>
      (places.get(b.version) ?? 0) - (places.get(a.version) ?? 0) ||
      b.requests - a.requests ||
      (a.client < b.client ? -1 : 1),
  )
  if (json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`)
  else for (const line of table(rows)) process.stdout.write(`${line}\n`)
}

interface Row {
  readonly version: string
  readonly client: string
  readonly requests: number
  readonly last: string
}

function summed(all: readonly Usage[]): Row[] {
  const rows = new Map<string, Row>()
  for (const { version, client, requests, day } of all) {
    const key = `${version} ${client}`
    const known = rows.get(key)
    const last = known && known.last > day ? known.last : day
    rows.set(key, { version, client, requests: (known?.requests ?? 0) + requests, last })
  }
  return [...rows.values()]
}

function table(rows: readonly Row[]): string[] {
  const cells = [
    ['version', 'requests', 'last', 'client'],
    ...rows.map((one) => [one.version, String(one.requests), one.last, one.client]),
  ]
  const widths = [0, 1, 2].map((at) => Math.max(...cells.map((row) => row[at]!.length)))
  return cells.map((row) =>
    row
      .map((cell, at) => (at < 3 ? cell.padEnd(widths[at]!) : cell))
      .join('  ')
      .trimEnd(),
  )
}
