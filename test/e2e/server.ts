import { spawn } from 'node:child_process'
import { surroundings } from '../cli/command.ts'
import { answers, freePort } from './registry.ts'

/** An app as a process of its own. */
export interface Server {
  readonly url: string
  /** Sends SIGTERM and says how it ended, and after how many milliseconds. */
  stop(): Promise<{ readonly code: number | null; readonly took: number }>
  /** What it wrote. */
  readonly log: () => string
}

export async function startServer(cwd: string, env: Readonly<Record<string, string>>): Promise<Server> {
  const port = await freePort()
  const child = spawn('bun', ['src/index.ts'], {
    cwd,
    env: { ...surroundings(), ...env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (log += String(chunk)))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const url = `http://127.0.0.1:${port}`
  try {
    await answers(`${url}/health/ready`, child)
  } catch (error) {
    child.kill('SIGKILL')
    throw new Error(`${(error as Error).message}\n${log}`)
  }
  return {
    url,
    log: () => log,
    stop: async () => {
      const start = performance.now()
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000)
      const code = await ended
      clearTimeout(late)
      return { code, took: performance.now() - start }
    },
  }
}

// biome-ignore lint/suspicious/noExplicitAny: answers of any route
type Loose = any

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: Loose
}

/** Asks a server, with a token if there is one. */
export async function call(
  server: Server,
  method: string,
  path: string,
  body?: unknown,
  token?: string,
): Promise<Reply> {
  const response = await fetch(new URL(path, server.url), {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
}

export async function tokenOf(server: Server, email: string, password: string): Promise<string> {
  const { status, body } = await call(server, 'POST', '/auth/login', { email, password })
  if (status !== 200) throw new Error(`login answered ${status}: ${JSON.stringify(body)}`)
  return body.accessToken
}
