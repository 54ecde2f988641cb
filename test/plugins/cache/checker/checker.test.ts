import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { createTables, openDatabase } from 'kwik/database'
import { expect, sleep } from '#test'
import { redisServer } from '../../../fixtures/redis-server.ts'
import { type TcpProxy, tcpProxy } from '../../../fixtures/tcp-proxy.ts'
import { postgresDatabase, withPostgres, withRedis } from '../../../services.ts'
import { History } from './history.ts'
import { things } from './table.ts'
import { troublesOf } from './troubles.ts'

const long = process.env['KWIK_LONG'] === '1'
/** Milliseconds for which the nodes are driven at least, and the operations that there must be. */
const lasts = long ? 600_000 : 60_000
const least = long ? 1_000_000 : 100_000
const ids = 24
const seed = Number(process.env['KWIK_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

/** A small generator of its own for each loop, so that one seed makes the same choices whatever the timing. */
const randomOf = (stream: number) => {
  let state = (seed ^ (stream * 0x9e3779b9)) >>> 0
  return (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

interface Node {
  readonly name: string
  readonly base: string
  readonly child: ChildProcess
}

async function startNode(name: string, given: readonly string[]): Promise<Node> {
  const program = new URL('node.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [program, ...given], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [port] = await once(child.stdout!, 'data')
  return { name, base: `http://127.0.0.1:${String(port).trim()}`, child }
}

const ask = async (
  url: string,
  init?: RequestInit,
): Promise<{ status: number; said: Record<string, unknown>; losses: string | null }> => {
  const answer = await fetch(url, init)
  return {
    status: answer.status,
    said: (await answer.json()) as Record<string, unknown>,
    losses: answer.headers.get('x-losses'),
  }
}

const both = withRedis.available ? withPostgres : withRedis
both.test(
  'writers, readers and invalidations over two processes and a flaky Redis',
  async () => {
    const pg = await postgresDatabase()
    const redis = await redisServer()
    const lines: TcpProxy[] = []
    const nodes: Node[] = []
    const database = openDatabase({ url: pg.url })
    try {
      await redis.start()
      await createTables(database, [things])
      for (let id = 0; id < ids; id++) await database.execute('insert into things (id, value) values ($1, 0)', [id])
      for (const name of ['a', 'b']) {
        const line = await tcpProxy(redis.url)
        lines.push(line)
        nodes.push(await startNode(name, [pg.url, line.url, 'check:']))
      }
      const tokens = new Map<string, string>()
      for (const user of ['ada', 'bob'])
        tokens.set(user, String((await ask(`${nodes[0]!.base}/token/${user}`)).said['token']))
      const history = new History()
      const wrong: string[] = []
      let operations = 0
      let acknowledged = 0
      const begun = performance.now()
      // A slow machine takes longer for as many.
      const goesOn = (): boolean => {
        const passed = performance.now() - begun
        return wrong.length === 0 && (passed < lasts || (operations < least && passed < 3 * lasts))
      }

      const read = async (node: Node, id: number, way: number): Promise<void> => {
        const user = way === 1 ? 'ada' : 'bob'
        const path = way === 0 ? 'things' : way === 3 ? 'values' : 'mine'
        const mine = path === 'mine'
        const begun = performance.now()
        const { status, said } = await ask(
          `${node.base}/${path}/${id}`,
          mine ? { headers: { authorization: `Bearer ${tokens.get(user)}` } } : {},
        )
        operations++
        if (status !== 200) {
          wrong.push(`${path}/${id} of ${node.name}: ${status} ${JSON.stringify(said)}`)
          return
        }
        if (mine && said['user'] !== user) wrong.push(`${user} was answered what is ${said['user']}'s`)
        const by = `${path} of ${node.name}${mine ? ` as ${user}` : ''}`
        const fault = history.fault({ id, value: Number(said['value']), begun, ended: performance.now(), by })
        if (fault) wrong.push(fault)
      }
      /** One after the other for each id. */
      const write = async (node: Node, id: number, way: number): Promise<void> => {
        const spoil = way === 0
        const explicit = way === 1
        const value = history.next(id)
        const noted = spoil ? undefined : history.writing(id, value, performance.now())
        const { status, said, losses } = await ask(`${node.base}/things/${id}`, {
          method: explicit ? 'PATCH' : 'PUT',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ value, spoil }),
        })
        operations++
        if (noted === undefined) {
          if (status !== 409) wrong.push(`a spoilt write was answered ${status} ${JSON.stringify(said)}`)
          return
        }
        if (status !== 200) return
        const at = performance.now()
        if (explicit ? said['ended'] !== 'told' : !(await wasTold(node, losses))) return
        noted.acknowledged = at
        acknowledged++
      }
      const wasTold = async (node: Node, losses: string | null): Promise<boolean> => {
        const { said } = await ask(`${node.base}/trouble`)
        return said['away'] === false && String(said['losses']) === losses
      }

      const readers = Array.from({ length: 20 }, async (_, at) => {
        const random = randomOf(at + 1)
        while (goesOn())
          await read(nodes[Math.floor(random() * 2)]!, Math.floor(random() * ids), Math.floor(random() * 4))
      })
      const writers = Array.from({ length: 3 }, async (_, at) => {
        const random = randomOf(at + 101)
        // Each has ids of its own.
        while (goesOn()) {
          await write(
            nodes[Math.floor(random() * 2)]!,
            Math.floor((random() * ids) / 3) * 3 + at,
            Math.floor(random() * 4),
          )
          await sleep(random() * 20)
        }
      })
      const troubles = (async () => {
        const random = randomOf(1000)
        const all = Object.entries(troublesOf(redis, lines, random))
        while (goesOn()) {
          await sleep(500 + random() * 3000)
          const [name, happen] = all[Math.floor(random() * all.length)]!
          const begun = performance.now()
          await happen()
          history.faults.push(`${name} ${Math.round(begun)} to ${Math.round(performance.now())}`)
        }
      })()
      await Promise.all([...readers, ...writers, troubles])

      // Afterwards everything is well again: what was noted is told, and all nodes say what is there.
      if (wrong.length === 0) {
        await sleep(3000)
        for (const node of nodes) for (let id = 0; id < ids; id++) await read(node, id, 3)
        await sleep(3000)
        for (let id = 0; id < ids; id++) {
          const [row] = await database.values('select value from things where id = $1', [id])
          for (const node of nodes)
            for (const path of ['things', 'values'])
              if ((await ask(`${node.base}/${path}/${id}`)).said['value'] !== row![0])
                wrong.push(`${path}/${id} of ${node.name} is still not ${row![0]}`)
        }
      }
      const summary = `seed ${seed}: ${operations} operations, ${acknowledged} writes acknowledged, ${history.faults.length} troubles`
      console.log(summary)
      expect({ seed, wrong }).toEqual({ seed, wrong: [] })
      expect(acknowledged).toBeGreaterThan(100)
      expect(operations).toBeGreaterThanOrEqual(least)
    } finally {
      for (const { child } of nodes) child.kill('SIGKILL')
      for (const line of lines) await line.close()
      await redis.kill()
      await database.close()
      await pg.drop()
    }
  },
  3 * lasts + 120_000,
)
