import { LRUCache } from 'lru-cache'
import { methodsOf, pathOf } from '#core/elysia/errors'
import type { ProblemError } from '#core/problem'
import type { Scope } from '#core/scope'
import type { Api, Version } from '../api.ts'
import type { Endpoints } from '../routes/endpoints.ts'
import type { Choice } from './choose.ts'
import { mediaType } from './media-range.ts'
import { brownout, retired, unknownBody, unknownPath, unknownVersion } from './refusals.ts'

/** What a request asks for. */
export interface Asked {
  readonly version: Version
  /** The client named it: a pin does not count. */
  readonly named: boolean
  /** The vendor's media type was asked for. */
  readonly vendor: boolean
  /** No JSON is taken: for routes that answer something else. */
  readonly others: boolean
  /** What of the path was about the version: `/v1`. */
  readonly prefix: string
}

/** Headers that are kept with what they came to: most clients send one and the same. */
const most = 500
const longest = 256

/** Reads from requests which version they are about (RFC 9110, 12.5.1). */
export class Negotiation {
  readonly api: Api
  readonly endpoints: Endpoints
  private readonly known = new LRUCache<string, Choice>({ max: most })
  /** When one of the versions is retired next: what was chosen before does not hold after. */
  private until = 0

  constructor(api: Api, endpoints: Endpoints) {
    this.api = api
    this.endpoints = endpoints
  }

  /** @param usual the version for who names none: another one for a user who is pinned */
  ask(scope: Scope, now: number, usual: string = this.api.options.usual): Asked | ProblemError {
    const { headers, url } = scope.request
    const accept = headers.get('accept')
    const choice = this.chosen(accept, usual, now)
    if ('refused' in choice && choice.refused === 'retired') return this.gone(scope, choice.version)
    if (!('refused' in choice) && choice.named) return this.served(scope, choice, '', now)
    const inPath = this.api.options.path ? /^\/v([\w.-]+)(?=\/|$)/.exec(pathOf(url)) : null
    if (inPath && this.api.version(inPath[1]!)) return this.named(scope, inPath[1]!, inPath[0], now)
    if (inPath && /^\/v\d/.test(inPath[0]) && methodsOf(scope.app!.root, pathOf(url)).length === 0)
      return unknownPath(this.api, now, inPath[1]!)
    const { header } = this.api.options
    const inHeader = header === undefined ? null : headers.get(header)
    if (inHeader !== null) return this.named(scope, inHeader.trim(), '', now)
    if ('refused' in choice && choice.refused === 'unknown') return unknownVersion(this.api, now, 'accept')
    const found = 'refused' in choice ? { version: usual, named: false, vendor: false } : choice
    return this.served(scope, found, '', now, 'refused' in choice)
  }

  /** The version of the body, where its Content-Type names one. */
  ofBody(scope: Scope, now: number): Version | ProblemError | undefined {
    const sent = scope.request.headers.get('content-type')
    if (sent === null || !sent.toLowerCase().includes('/vnd.')) return undefined
    const { type, parameters } = mediaType(sent)
    const name = this.api.vendor.versionIn(type, parameters)
    if (typeof name !== 'string') return undefined
    const version = this.api.version(name)
    if (version === undefined) return unknownBody(this.api, now)
    return this.api.isRetired(version, now) ? retired(this, version, scope) : version
  }

  private named(scope: Scope, name: string, prefix: string, now: number): Asked | ProblemError {
    const version = this.api.version(name)
    if (version === undefined) return unknownVersion(this.api, now, this.api.options.header!)
    return this.served(scope, { version: name, named: true, vendor: false }, prefix, now)
  }

  private served(
    scope: Scope,
    { version: name, named, vendor }: Exclude<Choice, { refused: string }>,
    prefix: string,
    now: number,
    others = false,
  ): Asked | ProblemError {
    const version = this.api.version(name)!
    if (this.api.isRetired(version, now)) return retired(this, version, scope)
    const window = version.brownouts.find(({ from, to }) => from <= now && now < to)
    if (window) return brownout(this, version, scope, window, now)
    return { version, named, vendor, others, prefix }
  }

  private gone(scope: Scope, name: string): ProblemError {
    return retired(this, this.api.version(name)!, scope)
  }

  private chosen(accept: string | null, usual: string, now: number): Choice {
    if (now >= this.until) {
      this.known.clear()
      const next = this.api.versions.flatMap((one) =>
        one.retired !== undefined && one.retired > now ? [one.retired] : [],
      )
      this.until = Math.min(...next)
    }
    const key = `${usual} ${accept ?? ''}`
    const known = this.known.get(key)
    if (known) return known
    const choice = this.api.choose(accept, usual, now)
    if (key.length <= longest) this.known.set(key, choice)
    return choice
  }
}
