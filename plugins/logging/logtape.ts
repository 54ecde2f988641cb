import { AsyncLocalStorage } from 'node:async_hooks'
import { type Config, configureSync, getConfig, type LogRecord, type Sink } from '@logtape/logtape'
import { currentScope } from '#core/context'
import type { LogLevel } from '#core/ports/logger'
import { levels } from './levels.ts'
import { LineLogger } from './logger.ts'

/** Marks the sink that leads to apps; the apps it leads to are kept with it, so LogTape's own reset forgets them. */
const apps: unique symbol = Symbol('kwik.logging.apps')
type Router = Sink & { readonly [apps]: WeakRef<LineLogger>[] }

/**
 * A LogTape sink for programs that configure LogTape themselves: it writes to the app in whose request a line was logged,
 * outside of requests to the app that started last. From `kwik/logging`.
 *
 * @example
 * await configure({ sinks: { kwik: kwikSink() }, loggers: [{ category: [], sinks: ['kwik'], lowestLevel: 'info' }] })
 */
export function kwikSink(): Sink {
  const members: WeakRef<LineLogger>[] = []
  const router = (record: LogRecord): void => {
    const inside = currentScope()?.logger
    const logger = inside instanceof LineLogger ? inside : alive(members).at(-1)
    if (logger) forward(record, logger)
  }
  return Object.assign(router, { [apps]: members })
}

const alive = (members: readonly WeakRef<LineLogger>[]): LineLogger[] => members.flatMap((one) => one.deref() ?? [])

/** Lets the lines of LogTape's loggers reach an app, unless the program has configured LogTape without Kwik's sink. */
export function attach(logger: LineLogger): void {
  const config = getConfig()
  const router = config === null ? (kwikSink() as Router) : routerOf(config)
  if (router === undefined) return
  const before = alive(router[apps])
  if (before.includes(logger)) return
  router[apps].splice(0, Number.POSITIVE_INFINITY, ...[...before, logger].map((one) => new WeakRef(one)))
  if (config !== null && !isOurs(config)) return
  configure(router, config)
  logger.onLevels(() => {
    const now = getConfig()
    if (now !== null && isOurs(now) && routerOf(now) === router) configure(router, now)
  })
}

/** Takes an app that stopped out again. */
export function detach(logger: LineLogger): void {
  const members = routerOf(getConfig())?.[apps]
  const at = members?.findIndex((one) => one.deref() === logger) ?? -1
  if (at >= 0) members!.splice(at, 1)
}

type AnyConfig = Config<string, string>

function routerOf(config: unknown): Router | undefined {
  const sinks = Object.values((config as AnyConfig | null)?.sinks ?? {})
  return sinks.find((sink): sink is Router => apps in sink)
}

const name = 'kwik apps'
const isOurs = (config: unknown): boolean => name in (config as AnyConfig).sinks

function configure(router: Router, before: unknown): void {
  const least = Math.min(...alive(router[apps]).map(({ least }) => least))
  const lowestLevel = levels[least] ?? 'fatal'
  const config = before as AnyConfig | null
  if (config?.loggers[0]?.lowestLevel === lowestLevel) return
  configureSync<string, string>({
    reset: true,
    sinks: { [name]: router },
    loggers: [
      { category: [], sinks: [name], lowestLevel },
      { category: ['logtape', 'meta'], lowestLevel: 'warning' },
    ],
    contextLocalStorage: config?.contextLocalStorage ?? new AsyncLocalStorage(),
  })
}

function forward({ category, level, message, rawMessage, properties }: LogRecord, logger: LineLogger): void {
  const grave: LogLevel = level === 'trace' ? 'debug' : level
  const name = category.join('.')
  if (!logger.takes(grave, name)) return
  logger.write(grave, name, textOf(message, rawMessage, logger), properties)
}

/** The message with its values, each by the name it has in the template: a secret stays one. */
function textOf(message: readonly unknown[], raw: LogRecord['rawMessage'], { redact }: LineLogger): string {
  if (message.length === 1) return String(message[0])
  const names = typeof raw === 'string' ? [...raw.matchAll(/(?<!\{)\{([^{}]*)\}/g)].map((one) => one[1]!.trim()) : []
  return message
    .map((part, at) => {
      if (at % 2 === 0) return part
      const value = redact.value(names[(at - 1) / 2] ?? '', part)
      return typeof value === 'string' ? value : JSON.stringify(value)
    })
    .join('')
}
