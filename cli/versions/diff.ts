import { knownVersion, versionedApp } from './app.ts'
import { differences, inLines } from './difference.ts'

/** Prints what is different between the documents of two versions. */
export async function diffVersions(from: string, to: string, json: boolean): Promise<void> {
  const app = await versionedApp()
  const [before, after] = [from, to].map((name) => bare(app.document(knownVersion(app, name)), app.api.vendor.of(name)))
  const found = differences(before, after)
  process.stdout.write(
    json
      ? `${JSON.stringify(found, null, 2)}\n`
      : inLines(found)
          .map((line) => `${line}\n`)
          .join(''),
  )
}

/** Without what differs by itself: its name, and that of its media type. */
function bare(document: object, type: string): unknown {
  const { info: _, ...rest } = document as { info?: unknown }
  return JSON.parse(JSON.stringify(rest).replaceAll(type, 'application/json'))
}
