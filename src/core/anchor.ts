import { type AnyElysia, Elysia } from 'elysia'
import { consoleLogger } from './adapters/console-logger.ts'
import { appOf, boot } from './boot.ts'
import { BootError } from './boot-error.ts'
import { follow, stopNow, whenModulesLoad } from './elysia/door.ts'
import { errorHook } from './elysia/errors.ts'
import { refuse } from './errors.ts'
import { drainingOf, watchSignals } from './lifecycle.ts'
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
    .onRequest(({ request, store }) => {
      const answer = admit(scopeOf(request), store as object, core)
      if (answer !== undefined) return answer
    })
    .onError({ as: 'global' }, errorHook as never)
  app.use(core)
}

const reported = new WeakSet<BootError>()
const maxUrl = 8192

function admit(scope: Scope, store: object, core: AnyElysia): Response | undefined {
  try {
    scope.app = appOf(store, core)
  } catch (error) {
    if (error instanceof BootError && !reported.has(error)) {
      reported.add(error)
      consoleLogger.error(error.message)
    }
    return refuse('KWIK_BOOT').toResponse()
  }
  const url = scope.request.url
  if (url.length > maxUrl)
    return refuse('KWIK_URL_TOO_LONG', { detail: `A URL may have ${maxUrl} characters.` }).toResponse()
  if (url.includes('%') && !isDecodable(url))
    return refuse('KWIK_URL_MALFORMED', {
      detail: 'A percent sign is not followed by the code of a UTF-8 character.',
    }).toResponse()
  const draining = drainingOf(scope.app.root)
  if (draining) scope.header('connection', 'close')
  for (const step of scope.app.admit) {
    const refusal = step(scope)
    if (refusal) return refusal instanceof ProblemError ? refusal.toResponse() : refusal
  }
  return undefined
}

function isDecodable(url: string): boolean {
  try {
    decodeURIComponent(url)
    return true
  } catch {
    return false
  }
}
