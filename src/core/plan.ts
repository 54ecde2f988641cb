import { elysiaKeys, isGenerator, placeOf, type Route } from './elysia/door.ts'
import { type Duration, milliseconds } from './internal/duration.ts'
import { checkedBodyLimit } from './internal/size.ts'
import { didYouMean } from './internal/spelling.ts'
import { beforeBoot, declares, installs, type Marked } from './marks.ts'
import { type Step, sortSteps, stepsOf } from './phases.ts'
import type { CoreSettings, Definition, RouteFacts, Works } from './works.ts'

/** What a route's own limits come to. */
export interface Limits {
  readonly bodyLimit: number
  readonly timeout: number
  readonly transaction: boolean
  readonly closedBody: boolean
}

/** All that will be put in place on one route. */
export interface Plan {
  readonly route: Route
  readonly facts: RouteFacts
  readonly name: string
  readonly steps: readonly Step[]
  readonly transform: readonly Marked[]
  readonly limits: Limits
  /** Whether somebody waits for the true end of its answers. */
  readonly watchesEnd: boolean
}

const schemaKeys = [
  'body',
  'query',
  'params',
  'headers',
  'cookie',
  'response',
  'detail',
  'tags',
  'standaloneValidator',
] as const

/** What a route's options and the plugins above it ask for; what is wrong goes to `faults`. */
export function planOf(
  route: Route,
  definitions: ReadonlyMap<string, Definition>,
  works: ReadonlyMap<Definition, Works>,
  core: CoreSettings,
  faults: string[],
): Plan {
  const transform = beforeBoot(route.hooks.transform)
  const told = transform.flatMap((hook) => hook.fn[declares] ?? [])
  // Elysia's order is from the outermost guard to the route: the innermost word counts.
  const options = Object.fromEntries(told.map(({ key, value }) => [key, value]))
  const schema = Object.fromEntries(
    schemaKeys.flatMap((key) => (route.hooks[key] === undefined ? [] : [[key, route.hooks[key]]])),
  )
  const said = Object.fromEntries(
    Object.keys(options).map((key) => [key, told.filter((one) => one.key === key).map((one) => one.value)]),
  )
  const facts: RouteFacts = {
    method: route.method,
    path: route.path,
    options,
    said,
    schema,
    streams: isGenerator(route.handler),
  }
  const name = `${route.method} ${route.path}`
  const file = placeOf(route.handler)?.file
  const fault = (text: string) => faults.push(`${name}${file ? ` (${file})` : ''}: ${text}`)
  const attempt = (by: string, make: () => ReturnType<NonNullable<Works['always']>>): Step[] => {
    try {
      return stepsOf(by, make())
    } catch (error) {
      fault((error as Error).message)
      return []
    }
  }

  unknownOptions(route, Object.keys(options), definitions, fault)
  const steps: Step[] = []
  const late: string[] = []
  for (const definition of definitions.values()) {
    const work = works.get(definition)
    if (!work) continue
    if (!transform.some((hook) => hook.fn[installs]?.name === definition.name)) late.push(definition.name)
    if (work.always) steps.push(...attempt(definition.name, () => work.always!(facts)))
    for (const [key, value] of Object.entries(options)) {
      const make = work.options?.[key]
      if (!make) continue
      // Of an option of which every word holds, an inner `undefined` takes nothing back.
      const words = definition.every.includes(key) ? new Set(said[key]) : [value]
      for (const word of words)
        if (word !== false && word !== undefined)
          steps.push(...attempt(definition.name, () => make(word as never, facts)))
    }
  }
  if (late.length > 0) fault(`written before .use() of ${late.sort().join(', ')}: move .use() above the route`)
  if (
    typeof route.handler !== 'function' &&
    route.hooks['afterHandle'] !== undefined &&
    route.hooks.parse !== undefined
  )
    fault(
      'a route that is a plain value skips all hooks when it has parse and afterHandle hooks (Elysia 1.4): write () => value',
    )
  if (options['transaction'] && isGenerator(route.handler))
    fault('`transaction: true` on a generator, which writes when the transaction is over: write in a function first')
  return {
    route,
    facts,
    name,
    steps: sortSteps(steps),
    transform,
    limits: limitsOf(options, core, fault),
    watchesEnd: steps.length > 0 || [...works.values()].some((work) => work.close),
  }
}

function unknownOptions(
  route: Route,
  told: readonly string[],
  definitions: ReadonlyMap<string, Definition>,
  fault: (text: string) => void,
): void {
  const known = [...definitions.values()].flatMap((definition) => definition.keys)
  for (const key of told) if (!known.includes(key)) fault(`no plugin of this app knows the option "${key}"`)
  for (const key of Object.keys(route.hooks))
    if (!elysiaKeys.has(key) && !known.includes(key) && route.hooks[key] !== undefined)
      fault(
        `no plugin knows the option "${key}"${didYouMean(key, known) || `: this app has ${[...known].sort().join(', ')}; switch on the part of kwik({...}) that brings it. A macro of your own must answer an object: after nothing Elysia 1.4 skips all other macros`}`,
      )
}

function limitsOf(
  options: Readonly<Record<string, unknown>>,
  core: CoreSettings,
  fault: (text: string) => void,
): Limits {
  const { bodyLimit, timeout, transaction } = options as {
    bodyLimit?: number
    timeout?: Duration | false
    transaction?: boolean
  }
  try {
    if (bodyLimit !== undefined) checkedBodyLimit(bodyLimit)
  } catch (error) {
    fault((error as Error).message)
  }
  if (transaction && !core.database) fault('`transaction: true` needs a database: give kwik({ database })')
  let limit = core.timeout
  try {
    if (timeout === false) limit = 0
    else if (timeout !== undefined) limit = milliseconds(timeout)
  } catch (error) {
    fault(`timeout: ${(error as Error).message}`)
  }
  return {
    bodyLimit: bodyLimit ?? core.bodyLimit,
    timeout: limit,
    transaction: transaction === true,
    closedBody: core.closedBodies,
  }
}
