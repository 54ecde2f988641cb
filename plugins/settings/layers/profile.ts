import { didYouMean } from '#core/internal/spelling'
import { invalid, type SettingsFault } from '../errors.ts'
import { namesIn, type ResolvedSettingsOptions } from '../options.ts'
import type { Sourced } from './layers.ts'

/** The profiles that are on, the one that counts least first. */
export interface Profile {
  readonly names: readonly string[]
  readonly from: string
}

/** Finds the profiles in places that do not depend on them: the environment, then `.env`. */
export function profileOf(
  options: ResolvedSettingsOptions,
  places: readonly (readonly Sourced[])[],
): { readonly profile: Profile; readonly faults: readonly SettingsFault[] } {
  const { prefix, profiles } = options
  if (options.profile !== undefined)
    return { profile: { names: namesIn(options.profile), from: 'option profile' }, faults: [] }
  const byDefault = { names: [profiles[0]!], from: 'default' }
  for (const variables of places)
    for (const wanted of [`${prefix}PROFILE`, 'NODE_ENV']) {
      const found = variables.find(({ name, text }) => name === wanted && text !== '')
      if (found === undefined) continue
      const names = namesIn(found.text)
      const unknown = names.find((name) => !profiles.includes(name))
      if (unknown === undefined && names.length > 0) return { profile: { names, from: found.from }, faults: [] }
      const text = `profile must be one of ${profiles.join(', ')}${didYouMean(unknown ?? '', profiles)} (got "${unknown ?? found.text}" from ${found.from})`
      return { profile: byDefault, faults: [invalid(text, 'profile')] }
    }
  return { profile: byDefault, faults: [] }
}

/** Whether a variable chooses profiles: what is read because of a profile cannot. */
export const choosesProfile = ({ prefix }: ResolvedSettingsOptions, name: string): boolean =>
  name === `${prefix}PROFILE` || name === 'NODE_ENV'
