#!/usr/bin/env bun
/**
 * Measures Kwik against servers written by hand in this folder, and says whether the goals are met.
 *
 *     bun run bench                        all
 *     bun run bench --goals W1,W4          some
 *     bun run bench --rounds 3 --seconds 2
 */
import { parseArgs } from 'node:util'
import { costLine, costs, goalLine, goals, referenceFloor } from './goals.ts'
import { measured, measuredLine } from './million.ts'
import { type Server, startServer } from './process.ts'
import { keep, type Result } from './report.ts'
import { type Spell, spell, summary } from './rounds.ts'
import { type Scenario, scenarios } from './scenarios.ts'
import { seed } from './seed.ts'

const { values } = parseArgs({
  options: {
    goals: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
  },
})
const rounds: number = Number(values.rounds)
const seconds: number = Number(values.seconds)
const known: readonly string[] = [...scenarios.map(({ name }) => name), ...Object.keys(measured)]
const names: readonly string[] = values.goals?.split(',') ?? known
const unknown: readonly string[] = names.filter((name) => !known.includes(name))
if (unknown.length > 0) {
  console.error(`no such goal: ${unknown.join(', ')}; there are ${known.join(', ')}`)
  process.exit(2)
}

const raw: Scenario = scenarios[0]!

/** All servers of a scenario are asked in each round, in turn; the next round begins with another. */
async function measure(scenario: Scenario, env: Readonly<Record<string, string>>): Promise<Result> {
  const servers: Server[] = []
  const seen: Map<string, Spell>[] = []
  try {
    for (const name of scenario.servers) servers.push(await startServer(name, env))
    const yardstick = scenario.name === 'W4' ? await startServer('raw', env) : undefined
    if (yardstick) servers.push(yardstick)
    const asked = new Map<Server, Scenario>()
    for (const server of servers) asked.set(server, server === yardstick ? raw : await withPages(scenario, server))
    const ask = (server: Server, length: number): Promise<Spell> => spell(asked.get(server)!, server, length)
    // A third of a server's first seconds is its compiler.
    for (const server of servers) await ask(server, Math.max(3, seconds))
    for (let round = 0; round < rounds; round++) {
      const spells = new Map<string, Spell>()
      for (let i = 0; i < servers.length; i++) {
        const server = servers[(i + round) % servers.length]!
        spells.set(server.name, await ask(server, seconds))
      }
      seen.push(spells)
    }
  } finally {
    for (const server of servers) await server.stop()
  }
  const reference = seen.map((spells) => spells.get(scenario.servers[0]!)!.capacity)
  const least = referenceFloor * Math.max(...reference)
  const counted = seen.filter((_, round) => reference[round]! >= least)
  const summaries = servers.map(({ name }) =>
    summary(
      name,
      counted.map((spells) => spells.get(name)!),
    ),
  )
  const order = [...scenario.servers, 'raw']
  summaries.sort((a, b) => order.indexOf(a.server) - order.indexOf(b.server))
  return {
    scenario: scenario.name,
    what: scenario.what,
    rounds: counted.length,
    voided: rounds - counted.length,
    servers: summaries,
  }
}

function print({ scenario, what, voided, servers }: Result): void {
  console.log(`${scenario} ${what}${voided > 0 ? `, ${voided} rounds void` : ''}`)
  for (const { server, capacity, cpu, rate, errors, contended } of servers)
    console.log(
      `  ${server.padEnd(14)} ${Math.round(capacity).toLocaleString('en').padStart(8)}/s of processor ` +
        `${cpu.toFixed(1).padStart(6)} us each ${Math.round(rate).toLocaleString('en').padStart(8)}/s seen ` +
        `[${(capacity / servers[0]!.capacity).toFixed(2)}]${errors > 0 ? ` ${errors} ERRORS` : ''}${contended > 0 ? ` (${contended} contended)` : ''}`,
    )
  for (const goal of goals) {
    const one = servers.find((server) => server.server === goal.server)
    const other = servers.find((server) => server.server === goal.against)
    if ((goal.scenario ?? goal.name) === scenario && one && other)
      console.log(goalLine(goal, one.capacity / other.capacity))
  }
  for (const cost of costs) {
    const one = servers.find((server) => server.server === cost.server)
    const other = servers.find((server) => server.server === cost.against)
    if (cost.scenario === scenario && one && other) console.log(costLine(cost.name, one.cpu - other.cpu, cost.most))
  }
}

/** The scenario as one server is asked it: with the links to further pages that it gave. */
async function withPages(scenario: Scenario, { port }: Server): Promise<Scenario> {
  const paths: string[] = []
  for (const first of scenario.paths)
    for (let path: string | undefined = first, at = 0; path !== undefined && at <= (scenario.pages ?? 0); at++) {
      paths.push(path)
      const answer: Response = await fetch(`http://127.0.0.1:${port}${path}`, scenario)
      if (!answer.ok) throw new Error(`${scenario.name} ${path}: ${answer.status} ${await answer.text()}`)
      path = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1]
    }
  return { ...scenario, paths }
}

const seeded = names.includes('W4') ? await seed() : undefined
const results: Result[] = []
try {
  for (const scenario of scenarios.filter(({ name }) => names.includes(name))) {
    const headers = { ...scenario.headers, ...(scenario.name === 'W4' && { authorization: `Bearer ${seeded!.token}` }) }
    const result = await measure({ ...scenario, headers }, seeded?.env ?? {})
    results.push(result)
    print(result)
  }
} finally {
  seeded?.remove()
}
keep({
  at: new Date().toISOString().slice(0, 10),
  runtime: `Bun ${Bun.version}, ${process.platform} ${process.arch}`,
  load: Bun.which('wrk') === null ? 'own client' : 'wrk',
  results,
})
for (const [name, measure] of Object.entries(measured)) {
  if (!names.includes(name)) continue
  console.log(name)
  console.log(measuredLine(name, await measure()))
}
if (results.some(({ servers }) => servers.some(({ errors }) => errors > 0))) process.exit(1)
