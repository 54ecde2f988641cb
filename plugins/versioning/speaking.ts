import type { AnyElysia } from 'elysia'
import { methodsOf, pathOf } from '#core/elysia/errors'
import { refuse } from '#core/errors'
import { ProblemError } from '#core/problem'
import { type Scope, type Slot, slot } from '#core/scope'
import type { Api, Version } from './api.ts'
import { type Asked, Negotiation } from './negotiation/negotiate.ts'
import { retired, unknownVersion } from './negotiation/refusals.ts'
import type { VersionsOptions } from './options.ts'
import type { Endpoints } from './routes/endpoints.ts'
import type { VersionedRoute } from './routes/route.ts'
import { namingOf } from './scope-naming.ts'

const place: Slot<Asked> = slot('versioning')
/** The version of the body, where it says one of its own. */
const bodyPlace: Slot<Version> = slot('versioning body')

/** Which version each request speaks: found before routing, and again when it is known who is asking. */
export class Speaking {
  private readonly api: Api
  private readonly endpoints: Endpoints
  private readonly options: VersionsOptions
  private readonly negotiation: Negotiation

  constructor(api: Api, endpoints: Endpoints, options: VersionsOptions) {
    this.api = api
    this.endpoints = endpoints
    this.options = options
    this.negotiation = new Negotiation(api, endpoints)
  }

  nowIn(scope: Scope): number {
    return (this.options.clock ?? scope.app?.core.clock)?.now() ?? Date.now()
  }

  /** `undefined` for a request that was refused its version. One that others refused before is still asked. */
  asked(scope: Scope): Asked | undefined {
    const known = scope.get(place)
    if (known) return known
    const asked = this.negotiation.ask(scope, this.nowIn(scope))
    if (asked instanceof ProblemError) return undefined
    this.speak(scope, asked)
    return asked
  }

  /** The place of the answer's version. */
  step(scope: Scope): number {
    return scope.get(place)!.version.step
  }

  /** The place of the body's version. */
  bodyStep(scope: Scope): number {
    return (scope.get(bodyPlace) ?? scope.get(place)!.version).step
  }

  /** Methods that a path takes in other versions: who asks for them by OPTIONS says none. */
  methods(path: string, root: AnyElysia): string[] {
    const [prefix = '', name = ''] = (this.api.options.path && /^\/v([\w.-]+)(?=\/|$)/.exec(path)) || []
    const version = this.api.version(name)
    if (version === undefined) return this.api.versions.flatMap((one) => this.endpoints.methodsAt(one, path))
    const bare = path.slice(prefix.length) || '/'
    return [...methodsOf(root, bare), ...this.endpoints.methodsAt(version, bare)]
  }

  /** Before routing. */
  admit(scope: Scope): ProblemError | void {
    const now = this.nowIn(scope)
    const asked = this.negotiation.ask(scope, now)
    if (asked instanceof ProblemError) return asked
    this.speak(scope, asked)
    const body = this.negotiation.ofBody(scope, now)
    if (body instanceof ProblemError) return body
    if (body) scope.set(bodyPlace, body)
    if (asked.prefix !== '' || !asked.version.isNewest) this.lead(scope, asked)
  }

  /** On a route, when it is known who is asking. */
  enter(scope: Scope, route: VersionedRoute): ProblemError | void {
    const asked = this.pinned(scope, scope.get(place)!)
    if (asked instanceof ProblemError) return asked
    const { version, others } = asked
    if (others && route.isJson) return unknownVersion(this.api, this.nowIn(scope), 'accept')
    if (!route.exists(version, this.movedTo(scope, asked) !== undefined))
      return refuse('KWIK_NOT_FOUND', { detail: `Version ${version.name} has no such endpoint.` })
    scope.add('version', version.handle)
  }

  private speak(scope: Scope, asked: Asked): void {
    const before = scope.version
    const { name } = asked.version
    scope.set(place, asked)
    scope.version = name
    scope.variant =
      before === undefined ? `${scope.variant};v=${name}` : scope.variant.replace(`;v=${before}`, `;v=${name}`)
    scope.naming = namingOf(this.api, asked.version)
  }

  /** A user who names no version has that of their account. */
  private pinned(scope: Scope, asked: Asked): Asked | ProblemError {
    const { pin } = this.options
    if (pin === undefined || asked.named || scope.principal === null) return asked
    const name = pin({ user: scope.principal.user as never })
    const version = typeof name === 'string' ? this.api.version(name) : undefined
    if (version === undefined || version === asked.version) return asked
    const now = this.nowIn(scope)
    if (this.api.isRetired(version, now)) return retired(this.negotiation, version, scope)
    const again = this.negotiation.ask(scope, now, version.name)
    if (!(again instanceof ProblemError)) this.speak(scope, again)
    return again
  }

  /** To where the app has what was asked, if that is elsewhere. */
  private lead(scope: Scope, asked: Asked): void {
    const { url, method } = scope.request
    const now = this.movedTo(scope, asked)
    if (now === undefined && asked.prefix === '') return
    const path = pathOf(url)
    const from = url.startsWith('/') ? 0 : url.indexOf('/', url.indexOf('://') + 3)
    scope.elsewhere = `${url.slice(0, from)}${now?.path ?? pathBehind(path, asked)}${url.slice(from + path.length)}`
    if (now && now.method !== method) scope.elsewhereMethod = now.method
  }

  /** Where the route is now that an older version had at this path. */
  private movedTo({ request }: Scope, asked: Asked): { readonly method: string; readonly path: string } | undefined {
    return this.endpoints.elsewhere(asked.version, request.method, pathBehind(pathOf(request.url), asked))
  }
}

const pathBehind = (path: string, { prefix }: Asked): string => path.slice(prefix.length) || '/'
