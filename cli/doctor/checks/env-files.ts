import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { type Finding, finding } from '../codes.ts'
import { keptByGit } from '../sources.ts'
import type { Check } from '../subject.ts'

/** `.env` files: who can read them, and whether they are in the repository. */
export const envFiles: Check = ({ project, production }) => {
  const found: Finding[] = []
  const kept = new Set(keptByGit(project.root, '.env*'))
  for (const name of readdirSync(project.root)) {
    if (!/^\.env(?:\.|$)/.test(name) || /\.(?:example|sample|template)$/.test(name)) continue
    const told = secretsIn(readFileSync(project.path(name), 'utf8'))
    if (told.length === 0) continue
    if (kept.has(name)) found.push(finding('env-committed', name, `git keeps it, with ${told.join(', ')}`))
    const mode = statSync(project.path(name)).mode & 0o777
    if (production && (mode & 0o004) !== 0)
      found.push(finding('env-readable', name, `its mode is ${mode.toString(8)}, and it has ${told.join(', ')}`))
  }
  const bunfig = project.path('bunfig.toml')
  if (!existsSync(bunfig) || !/^\s*env\s*=\s*false\b/m.test(readFileSync(bunfig, 'utf8')))
    found.push(finding('env-by-bun', 'bunfig.toml', 'it does not say env = false'))
  return found
}

/** Names of the variables in it that hold secrets. */
function secretsIn(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const [, name, value = ''] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line) ?? []
    if (name === undefined || /^(?:["']{2})?$/.test(value)) return []
    const isSecret = /(?:^|_)(?:SECRET|PASSWORD|PASSWD|TOKEN|KEY|PRIVATE)S?$/i.test(name)
    return isSecret || /^["'`]?[a-z+]+:\/\/[^/\s:@]*:[^@\s]+@/i.test(value) ? [name] : []
  })
}
