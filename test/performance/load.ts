import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pinned } from './process.ts'
import type { Scenario } from './scenarios.ts'

/** What one spell of load saw. */
export interface Load {
  readonly requests: number
  readonly seconds: number
  /** Answers other than 2xx, and connections that broke. */
  readonly errors: number
  /** Seconds of processor time the load took itself. */
  readonly cpu: number
}

export const connections = 32

/** Asks a server for `seconds` on keep-alive connections: by wrk where it is installed, else by a client of our own. */
export async function load(scenario: Scenario, port: number, seconds: number): Promise<Load> {
  const wrk = Bun.which('wrk')
  const command = wrk === null ? own(scenario, port, seconds) : withWrk(wrk, scenario, port, seconds)
  try {
    const child = Bun.spawn(pinned(1, command.args), { stdout: 'pipe', stderr: 'inherit' })
    const output = await new Response(child.stdout).text()
    if ((await child.exited) !== 0) throw new Error(`the load failed: ${output}`)
    const line = /^load (\S+) (\S+) (\S+)$/m.exec(output)
    if (line === null) throw new Error(`the load said nothing: ${output}`)
    const used = child.resourceUsage()!.cpuTime
    return {
      requests: Number(line[1]),
      seconds: Number(line[2]),
      errors: Number(line[3]),
      cpu: Number(used.total) / 1e6,
    }
  } finally {
    command.clean()
  }
}

interface Command {
  readonly args: readonly string[]
  clean(): void
}

function own(scenario: Scenario, port: number, seconds: number): Command {
  const given = JSON.stringify({ scenario, port, seconds, connections })
  return { args: [process.execPath, join(import.meta.dir, 'client.ts'), given], clean: () => {} }
}

function withWrk(wrk: string, { method, paths, headers, body }: Scenario, port: number, seconds: number): Command {
  const folder = mkdtempSync(join(tmpdir(), 'kwik-bench-'))
  const script = join(folder, 'load.lua')
  const text = (value: string): string => `[==[${value}]==]`
  const requests = paths.map((path) => `wrk.format(${text(method)}, ${text(path)}, headers, body)`)
  writeFileSync(
    script,
    `local headers = { ${Object.entries(headers).map(([name, value]) => `[ ${text(name)} ] = ${text(value)}`)} }
local body = ${body === undefined ? 'nil' : text(body)}
local requests, at
function init()
  requests, at = { ${requests.join(', ')} }, 0
end
function request()
  at = at % #requests + 1
  return requests[at]
end
function done(summary)
  local e = summary.errors
  io.write(string.format("load %d %f %d\\n", summary.requests, summary.duration / 1e6, e.connect + e.read + e.write + e.status + e.timeout))
end
`,
  )
  const args = [wrk, '-t1', `-c${connections}`, `-d${seconds}s`, '-s', script, `http://127.0.0.1:${port}`]
  return { args, clean: () => rmSync(folder, { recursive: true, force: true }) }
}
