import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from '#test'
import { SettingsError } from '../../../plugins/settings/index.ts'

const made: string[] = []
afterAll(() => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true })
})

/** A folder with these files. */
export function folder(files: Record<string, string> = {}): string {
  const dir = mkdtempSync(join(tmpdir(), 'kwik-settings-'))
  made.push(dir)
  for (const [name, text] of Object.entries(files)) write(dir, name, text)
  return dir
}

/** Writes one file of a folder. */
export function write(dir: string, name: string, text: string): void {
  mkdirSync(dirname(join(dir, name)), { recursive: true })
  writeFileSync(join(dir, name), text)
}

/** What is wrong with settings, line by line. */
export function faultsOf(define: () => unknown): readonly string[] {
  try {
    define()
  } catch (error) {
    if (error instanceof SettingsError) return error.faults
    throw error
  }
  return []
}

/** The same for settings that ask stores of secrets. */
export async function faultsOfLater(define: () => Promise<unknown>): Promise<readonly string[]> {
  try {
    await define()
  } catch (error) {
    if (error instanceof SettingsError) return error.faults
    throw error
  }
  return []
}
