import { invalid, type SettingsFault } from '../errors.ts'
import type { Keyed } from './layers.ts'

/** `--set server.port=8080` and `--set=server.port=8080` among a program's arguments; what follows `--` is the program's own. */
export function flagLayer(args: readonly string[]): {
  readonly keyed: readonly Keyed[]
  readonly faults: readonly SettingsFault[]
} {
  const keyed: Keyed[] = []
  const faults: SettingsFault[] = []
  for (let at = 0; at < args.length && args[at] !== '--'; at++) {
    const arg = args[at]!
    if (arg !== '--set' && !arg.startsWith('--set=')) continue
    const said = arg === '--set' ? args[++at] : arg.slice('--set='.length)
    const [, key, text] = /^([^=]+)=(.*)$/s.exec(said ?? '') ?? []
    // What was said may be a secret: only that it has no form is told.
    if (key === undefined || text === undefined)
      faults.push(invalid('--set takes key=value, as in --set server.port=8080'))
    else keyed.push({ key, text, from: `--set ${key}` })
  }
  return { keyed, faults }
}
