import { existsSync, readFileSync } from 'node:fs'
import { driftOf, envExampleOf } from '../../plugins/settings/describe/env-example.ts'
import { jsonSchemaOf } from '../../plugins/settings/describe/json-schema.ts'
import { typesFileOf } from '../../plugins/settings/describe/types-file.ts'
import { CliFailure } from '../failure.ts'
import { declaredSettings, print, printJson } from './declared.ts'

/** Prints the JSON Schema of files of values. */
export async function printSchema(): Promise<void> {
  printJson(jsonSchemaOf(await declaredSettings()))
}

/** Prints the type of the settings as a TypeScript declaration. */
export async function printTypes(): Promise<void> {
  print(typesFileOf(await declaredSettings()))
}

/** Prints a `.env.example`, or tells how far the one that is there is from the settings. */
export async function envExample({ check, json }: { readonly check: boolean; readonly json: boolean }): Promise<void> {
  const definition = await declaredSettings()
  if (!check) return print(envExampleOf(definition))
  if (!existsSync('.env.example'))
    throw new CliFailure('.env.example is not there: write it with kwik settings env-example > .env.example')
  const drift = driftOf(definition, readFileSync('.env.example', 'utf8'))
  const { lacks, strangers } = drift
  if (lacks.length + strangers.length > 0) process.exitCode = 1
  if (json) return printJson(drift)
  const rows = [
    ...lacks.map((name) => `lacks    ${name}`),
    ...strangers.map((name) => `unknown  ${name}: no setting reads it`),
  ]
  print(rows.length === 0 ? '.env.example has every setting' : rows.join('\n'))
}
