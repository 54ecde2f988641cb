import { type AnyElysia, Elysia } from 'elysia'
import { consoleLogger } from './adapters/console-logger.ts'
import { type App, appOf, boot } from './boot.ts'
import { BootError } from './boot-error.ts'
import { follow, routeExists, stopNow, whenModulesLoad } from './elysia/door.ts'
import { answerTo, errorHook, pathOf } from './elysia/errors.ts'
import { refuse } from './errors.ts'
import { drainingOf, forgetSignals, watchSignals } from './lifecycle.ts'
import { admits } from './marks.ts'
import { ProblemError } from './problem.ts'
import { type Scope, scopeOf } from './scope.ts'
import { wrap } from './wrap.ts'

/** A hook that stands for one that boot puts in its place: what was not booted never answers. */
export const unbooted = () => (): never => {
  throw new BootError(['a route ran before its steps were in place'])
}

/** What every plugin brings: scope, boot and problems, once for an app however many plugins are used. */
export function anchor(app: AnyElysia): void {
  const core: AnyElysia = new Elysia({ name: 'kwik/core' })
  follow(core, boot)
  follow(app, boot)
  core
    .wrap(wrap as never)
    .onStart((root) => {
      watchSignals(root)
      // Lazy modules arrive later: their routes are planned then, and a fault in them closes the app.
      whenModulesLoad(root, () => {
        try {
          boot(root)
        } catch (error) {
          stopNow(root)
          throw error
        }
      })
    })
    .onStop((root) => forgetSignals(root))
    .onRequest(Object.assign(entry(core), { [admits]: true }) as never)
    .onError({ as: 'global' }, errorHook as never)
  app.use(core)
}

const entry =
  (core: AnyElysia) =>
  ({ request, store }: { request: Request; store: object }): Response | undefined => {
    const answer = admit(scopeOf(request), store, core)
    if (answer !== undefined) return answer
  }

const reported = new WeakSet<BootError>()
const maxUrl = 8192

function admit(scope: Scope, store: object, core: AnyElysia): Response | undefined {
  if (scope.admitted) return undefined
  if (scope.resume !== undefined) return admitFrom(scope, scope.app!, scope.resume)
  try {
    scope.app = appOf(store, core)
  } catch (error) {
    if (error instanceof BootError && !reported.has(error)) {
      reported.add(error)
      consoleLogger.error(error.message)
    }
    return refuse('KWIK_BOOT').toResponse()
  }
  for (const step of scope.app.open) step(scope)
  const url = scope.request.url
  if (url.length > maxUrl)
    return render(scope, refuse('KWIK_URL_TOO_LONG', { detail: `A URL may have ${maxUrl} characters.` }))
  if (url.includes('%') && !isDecodable(url))
    return render(
      scope,
      refuse('KWIK_URL_MALFORMED', { detail: 'A percent sign is not followed by the code of a UTF-8 character.' }),
    )
  const draining = drainingOf(scope.app.root)
  if (draining) scope.header('connection', 'close')
  return admitFrom(scope, scope.app, 0)
}

function admitFrom(scope: Scope, app: App, from: number): Response | undefined {
  for (let i = from; i < app.admit.length; i++) {
    const answer = app.admit[i]!(scope)
    if (!answer) continue
    if (!(answer instanceof Promise)) return answer instanceof ProblemError ? render(scope, answer) : answer
    // Elysia would have to wait in every request of every app: the wrap waits instead, and hands the request in again.
    scope.resume = i + 1
    scope.waiting = answer.then(
      (settled) => (settled instanceof ProblemError ? render(scope, settled) : settled),
      (error) => answerTo(scope, error),
    )
    return unanswered()
  }
  scope.admitted = true
  if (scope.times !== undefined) scope.times.admitted = performance.now()
  const { method } = scope.request
  const url = scope.elsewhere ?? scope.request.url
  scope.asGet = method === 'HEAD' && !routeExists(app.root, 'HEAD', pathOf(url))
  return scope.asGet || scope.elsewhere !== undefined ? unanswered() : undefined
}

/** Stands where the wrap still waits; it never leaves. */
const unanswered = (): Response => new Response(null, { status: 500 })

function render(scope: Scope, refusal: ProblemError): Response {
  scope.refusal = refusal
  return refusal.toResponse()
}

function isDecodable(url: string): boolean {
  try {
    decodeURIComponent(url)
    return true
  } catch {
    return false
  }
}
