import { invalid, type SettingsFault } from './errors.ts'
import type { History } from './history.ts'
import type { Rule, RuleContext } from './options.ts'

/** What the rules between settings find wrong. They are asked only when each setting by itself is right. */
export function brokenRules(
  rules: readonly Rule<never>[],
  current: object,
  profiles: readonly string[],
  history: History,
): SettingsFault[] {
  const context: RuleContext = { profile: profiles[0]!, profiles, fail: (key, text) => ({ key, text }) }
  return rules
    .flatMap((rule) => [rule(current as never, context) || []].flat())
    .map(({ key, text }) => {
      const last = history.get(key)?.at(-1)
      return invalid(`${key} ${text}${last ? ` (got ${last.shown} from ${last.from})` : ''}`, key)
    })
}
