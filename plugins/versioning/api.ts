import type { Change } from './change.ts'
import { type Choice, choose, type Offer } from './negotiation/choose.ts'
import { VendorType } from './negotiation/media-range.ts'
import type { ResolvedRelease, ResolvedVersionsOptions } from './options.ts'
import { Converters } from './schema/convert.ts'
import { SchemaHistory } from './schema/history.ts'
import { nameOfTarget, objectOf } from './schema/target.ts'

/** The version of a request, as handlers see it: `ctx.version`. */
export interface RequestVersion<V extends string = string> {
  readonly name: V
  readonly isNewest: boolean
  /** Whether the version has a change: what differs beyond names and shapes is asked with it. */
  has(change: Change): boolean
}

/** One version at work. */
export interface Version extends ResolvedRelease {
  /** The first step that it does not know; the number of steps for the newest. */
  readonly step: number
  readonly isNewest: boolean
  readonly handle: RequestVersion
}

/** How often values were turned. A request at the newest version turns none. */
export interface Migrations {
  up: number
  down: number
}

/** The versions of one API: what negotiation, routes and documents read. Made once, by `versions()`. */
export class Api {
  readonly options: ResolvedVersionsOptions
  /** The newest first. */
  readonly versions: readonly Version[]
  readonly newest: Version
  readonly vendor: VendorType
  readonly history: SchemaHistory
  readonly converters: Converters
  readonly migrations: Migrations = { up: 0, down: 0 }
  private readonly byName: ReadonlyMap<string, Version>

  /** @throws {TypeError} for changes of fields that are not there */
  constructor(options: ResolvedVersionsOptions) {
    const { releases, vendor } = options
    this.options = options
    this.vendor = new VendorType(vendor)
    const known = (at: number): ReadonlySet<Change> => new Set(releases.slice(at).flatMap(({ changes }) => changes))
    this.versions = releases.map((release, at) => {
      const has = known(at)
      const isNewest = at === 0
      return {
        ...release,
        step: releases.length - 1 - at,
        isNewest,
        handle: { name: release.name, isNewest, has: (change) => has.has(change) },
      }
    })
    this.newest = this.versions[0]!
    this.byName = new Map(this.versions.map((version) => [version.name, version]))
    this.history = new SchemaHistory(
      releases
        .slice(0, -1)
        .toReversed()
        .map(({ name, changes }) => ({ to: name, lenses: changes.flatMap(({ lenses }) => lenses) })),
    )
    this.converters = new Converters(this.history)
    this.checkFields()
  }

  version(name: string): Version | undefined {
    return this.byName.get(name)
  }

  isRetired({ retired }: Version, now: number): boolean {
    return retired !== undefined && now >= retired
  }

  living(now: number): readonly Version[] {
    return this.versions.filter((version) => !this.isRetired(version, now))
  }

  /** The version of who names none: the newest where the default has been retired. */
  usualAt(now: number): Version {
    const usual = this.byName.get(this.options.usual)!
    return this.isRetired(usual, now) ? this.newest : usual
  }

  /** What an Accept header comes to at a time. */
  choose(header: string | null, usual: string, now: number): Choice {
    const offer = this.offer(now)
    const [newest] = offer.living
    // Who names no version is not told that the default has been retired: they get what those get who send no Accept.
    const isGone = usual === this.options.usual && newest !== undefined && !offer.living.includes(usual)
    return choose(header, offer, isGone ? newest : usual)
  }

  private offer(now: number): Offer {
    const living = this.living(now).map(({ name }) => name)
    const retired = this.versions.map(({ name }) => name).filter((name) => !living.includes(name))
    return { vendor: this.vendor, living, retired }
  }

  /** Goes back in time, object by object: a change must find the fields that it says are there now. */
  private checkFields(): void {
    const { steps } = this.history
    const targets = new Set(steps.flatMap(({ lenses }) => lenses.map(({ target }) => target)))
    for (const target of targets) {
      const now = objectOf(target)
      if (typeof target !== 'string' && now === undefined)
        throw new TypeError(`versions: a change is about ${nameOfTarget(target)}, which is no object: name the object`)
      for (let at = steps.length - 1; now !== undefined && at >= 0; at--) {
        let { properties } = this.history.before(now, at + 1) as typeof now
        for (const lens of steps[at]!.lenses.filter((one) => one.target === target).toReversed()) {
          const missing = lens.needs.find((name) => !(name in properties))
          if (missing !== undefined)
            throw new TypeError(
              `versions: "${steps[at]!.to}": ${nameOfTarget(target)} has no field "${missing}" for ${lens.said}; it has ${Object.keys(properties).join(', ')}`,
            )
          properties = lens.older(properties, now, (one) => one, false)
        }
      }
    }
  }
}
