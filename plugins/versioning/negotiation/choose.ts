import { type Range, rangesIn, type VendorType } from './media-range.ts'

/** What may be chosen from. */
export interface Offer {
  readonly vendor: VendorType
  /** Versions that are served, the newest first. */
  readonly living: readonly string[]
  readonly retired: readonly string[]
}

/** What an Accept header comes to. */
export type Choice =
  | {
      readonly version: string
      /** A range named the version: a user's pin does not count then. */
      readonly named: boolean
      /** The vendor's type was asked for: it is the answer's Content-Type. */
      readonly vendor: boolean
    }
  /** `others`: no JSON is taken at all, so that only routes that answer something else may be meant. */
  | { readonly refused: 'unknown' | 'others' }
  | { readonly refused: 'retired'; readonly version: string }

interface Candidate {
  readonly version: string
  readonly place: number
  q: number
  narrow: number
  by: Range | undefined
}

/**
 * The version that an Accept header likes best (RFC 9110, 12.5.1). The narrowest range sets a version's weight, a weight of
 * 0 excludes it. Of equals one that is named goes first, then the usual one, then the newest. A wildcard means every version.
 *
 * @param usual the version for who names none
 */
export function choose(header: string | null, { vendor, living, retired }: Offer, usual: string): Choice {
  const ranges = rangesIn(header, vendor)
  const all = living.map((version, place): Candidate => ({ version, place, q: 0, narrow: -1, by: undefined }))
  for (const one of all)
    for (const range of ranges)
      if (range.narrow >= one.narrow && means(range, one.version, usual))
        Object.assign(one, { q: range.q, narrow: range.narrow, by: range })
  const isNamed = ({ by }: Candidate): boolean => by?.version !== undefined
  const liked = (one: Candidate): number[] => [
    one.q,
    Number(isNamed(one)),
    Number(!isNamed(one) && one.version === usual),
    -one.place,
  ]
  const [best] = all.filter((one) => one.q > 0).sort((a, b) => compared(liked(b), liked(a)))
  if (best) return { version: best.version, named: typeof best.by?.version === 'string', vendor: isNamed(best) }
  const gone = ranges.find(({ version, q }) => q > 0 && typeof version === 'string' && retired.includes(version))
  if (gone) return { refused: 'retired', version: gone.version as string }
  const asksForJson = ranges.some(({ version, type }) => version !== undefined || json.includes(type))
  return { refused: asksForJson ? 'unknown' : 'others' }
}

const json = ['*/*', 'application/*', 'application/json']

function means({ type, version }: Range, candidate: string, usual: string): boolean {
  if (version !== undefined) return version === null ? candidate === usual : candidate === version
  return type === '*/*' || type === 'application/*' || (type === 'application/json' && candidate === usual)
}

function compared(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((one, place) => one !== b[place])
  return at === -1 ? 0 : a[at]! - b[at]!
}
