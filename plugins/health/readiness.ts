import { redactText } from '#core/internal/redaction'
import type { Logger } from '#core/ports/logger'
import type { Check, ResolvedHealthOptions } from './options.ts'

type Word = 'ok' | 'failed'

/** What anybody may know: names and whether each is well, never why. */
export interface Report {
  readonly status: 'ok' | 'failed' | 'draining'
  readonly checks: Readonly<Record<string, Word>>
}

/** What those may know who look after the app. */
export interface Detail {
  readonly status: Word
  /** Milliseconds. */
  readonly duration: number
  /** Why it fails, without secrets. */
  readonly reason?: string
}

interface Answer {
  readonly report: Report
  readonly details: Readonly<Record<string, Detail>>
}

/** Asks every check at once. Why one failed goes to the log, when it begins to fail. */
export type Readiness = (logger: Logger, draining: boolean) => Promise<Answer>

export function readinessOf({ checks, timeout }: ResolvedHealthOptions): Readiness {
  const probes = Object.entries(checks).map(([name, check]) => [name, probe(name, check, timeout)] as const)
  return async (logger, draining) => {
    const details = await Promise.all(probes.map(async ([name, ask]) => [name, await ask(logger)] as const))
    const failed = details.some(([, { status }]) => status === 'failed')
    const words = details.map(([name, { status }]) => [name, status] as const)
    const status = draining ? 'draining' : failed ? 'failed' : 'ok'
    return { report: { status, checks: Object.fromEntries(words) }, details: Object.fromEntries(details) }
  }
}

/** Runs a check once for all who ask while it runs: whoever floods the route does not flood the database. */
function probe(name: string, check: Check, timeout: number): (logger: Logger) => Promise<Detail> {
  let running: Promise<string | undefined> | undefined
  let since = 0
  let well = true
  return async (logger) => {
    if (running === undefined) {
      since = performance.now()
      running = run(check).finally(() => {
        running = undefined
      })
    }
    const trouble = await within(running, timeout)
    const duration = Math.round((performance.now() - since) * 10) / 10
    if (trouble !== undefined && well) logger.warning(`the health check ${name} fails`, { check: name, trouble })
    if (trouble === undefined && !well) logger.info(`the health check ${name} is well again`, { check: name })
    well = trouble === undefined
    return well ? { status: 'ok', duration } : { status: 'failed', duration, reason: redactText(trouble!) }
  }
}

/** What is wrong, if anything. */
async function run(check: Check): Promise<string | undefined> {
  try {
    return (await check()) === false ? 'answered false' : undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function within(running: Promise<string | undefined>, ms: number): Promise<string | undefined> {
  return new Promise((done) => {
    const timer = setTimeout(() => done(`no answer in ${ms} ms`), ms)
    void running.then((trouble) => {
      clearTimeout(timer)
      done(trouble)
    })
  })
}
