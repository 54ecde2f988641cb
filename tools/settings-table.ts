#!/usr/bin/env bun
/**
 * Writes docs/reference/settings.md, every setting of Kwik's parts, from the schema that apps use.
 *
 *     bun tools/settings-table.ts
 */
import { Type } from '@sinclair/typebox'
import { define } from '../plugins/settings/definition.ts'
import { type Described, described } from '../plugins/settings/describe/words.ts'
import { platformSettings } from '../src/settings/platform.ts'
import { tableOf } from './markdown-table.ts'
import { settingsOfParts } from './settings-sources.ts'

const root: string = `${import.meta.dir}/..`
const head: readonly string[] = ['setting', 'type', 'default', 'changes', 'variables', 'example', 'says']

/** The page. */
export function settingsPage(): string {
  const { leaves } = define(Type.Object({ ...platformSettings }), { env: {}, args: [] })
  const groups = new Map<string, Described[]>()
  for (const leaf of leaves.values()) {
    const group = leaf.path.length === 1 ? '' : leaf.path[0]!
    groups.set(group, [...(groups.get(group) ?? []), described(leaf)])
  }
  const sections = [...groups].map(
    ([name, rows]) => `\n## ${name === '' ? 'profile' : name}\n\n${tableOf(head, rows.map(row))}\n`,
  )
  const { inCode } = settingsOfParts()
  const codeRows = inCode.map(({ key, option }) => [`\`${key}\``, `\`${option.type}\``, option.says])
  return `# Settings of Kwik's parts

Every setting of \`platformSettings\`, which \`kwik({ settings })\` reads; \`kwikSettings\` has the few of them with a default of their own.
How they are given, in files, variables and stores of secrets: [the guide](../guides/settings.md).

A setting that changes _hot_ is applied to a running app by a reload; the others wait for a restart. An example is written as a variable
would have it. The default of a setting that is not given is that of the part, or what the code says.

This page is written by \`bun tools/settings-table.ts\`.
${sections.join('')}
## What only code can give

Functions, and objects with a life of their own, are no text. The code hands them to \`kwik()\` or to the part.

${tableOf(['option', 'type', 'says'], codeRows)}
`
}

function row({
  key,
  type,
  byDefault,
  hot,
  secret,
  required,
  requiredIn,
  variables,
  example,
  says,
}: Described): string[] {
  const must = required ? 'needed' : requiredIn.length > 0 ? `none; needed in ${requiredIn.join(', ')}` : 'none'
  const defaultOf = byDefault === undefined ? must : /^['"[{]|^\S+$/.test(byDefault) ? `\`${byDefault}\`` : byDefault
  const shown = secret ? `${variables[0]}_FILE=/run/secrets/key` : `${variables[0]}=${example}`
  return [
    `\`${key}\``,
    type,
    defaultOf,
    hot ? 'hot' : 'restart',
    variables.map((name) => `\`${name}\``).join(', '),
    `\`${shown}\``,
    says,
  ]
}

if (import.meta.main) await Bun.write(`${root}/docs/reference/settings.md`, settingsPage())
