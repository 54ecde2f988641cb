import { endTags } from 'kwik/core'
import { type Database, defineTable, openDatabase } from 'kwik/database'
import { describe, expect } from '#test'
import { Engines, memoryEngine } from '../../../../plugins/cache/engine/index.ts'
import { Cache } from '../../../../plugins/cache/values/index.ts'
import { withDatabase, withPostgres, withRedis } from '../../../services.ts'
import { eventually, withMembers } from '../engine/benches.ts'

const posts = defineTable('posts', (t) => ({ id: t.int().primaryKey(), title: t.string() }))

/** Two processes, each with its own connection to one database. */
function inTwo(
  name: string,
  run: (writer: Side, reader: Side) => Promise<void>,
  terms: { holdFor?: number } = {},
): void {
  const both = (kind: 'SQLite file' | 'PostgreSQL') => () =>
    withDatabase(kind, [posts], async (db, url) => {
      await db.execute("insert into posts values (1, 'old')")
      const other = openDatabase({ url })
      await withMembers(2, terms, async (...members) => {
        const sides = members.map(({ engine }, at): Side => {
          const database = at === 0 ? db : other
          const engines = new Engines(engine, database, () => memoryEngine({}))
          const cache = new Cache({ engines })
          const query = { text: 'select title from posts where id = 1' }
          const title = async () => (await cache.query(query, { ttl: '1h', tags: ['posts:1'] }))[0]?.[0]
          return { db: database, engine, title }
        })
        await run(sides[0]!, sides[1]!)
      })
      await other.close()
    })
  withRedis.test(`${name} (SQLite)`, both('SQLite file'))
  if (withPostgres.available) withRedis.test(`${name} (PostgreSQL)`, both('PostgreSQL'))
}

interface Side {
  readonly db: Database
  readonly engine: { end(...given: never[]): Promise<unknown> }
  title(): Promise<unknown>
}

const write = (db: Database, title: string): Promise<void> =>
  db.tx(async () => {
    await db.execute(`update posts set title = '${title}' where id = 1`)
    await endTags(db, ['posts', 'posts:1'])
  })

describe('a process that dies between its commit and its word', () => {
  inTwo(
    'leaves a mark: others read anew, keep nothing while it stands, and then keep what is true',
    async (writer, reader) => {
      expect([await reader.title(), await reader.title()]).toEqual(['old', 'old'])
      writer.engine.end = () => new Promise(() => {})
      void write(writer.db, 'new')
      await eventually(async () => (await writer.db.values('select title from posts'))[0]?.[0] === 'new')
      // A local copy is believed for two seconds at most.
      await eventually(async () => (await reader.title()) === 'new', 2500)
      let reads = 0
      reader.db.observe!(() => reads++)
      await eventually(async () => {
        const before = reads
        await reader.title()
        return reads === before
      }, 5000)
      expect(await reader.title()).toBe('new')
    },
    { holdFor: 3000 },
  )
})

describe('two processes over one database', () => {
  inTwo('have each other’s rows from the commit on', async (writer, reader) => {
    for (let n = 0; n < 30; n++) {
      const [one, other] = n % 2 ? [writer, reader] : [reader, writer]
      await one.title()
      await other.title()
      await write(one.db, `${n}`)
      expect([await other.title(), await one.title()]).toEqual([`${n}`, `${n}`])
    }
  })

  inTwo('keep nothing that was read before a commit of the other', async (writer, reader) => {
    let wrong = 0
    let at = 0
    const reading = (async () => {
      while (at < 40) {
        const least = at
        const title = await reader.title()
        if (title !== 'old' && Number(title) < least) wrong++
        await new Promise((go) => setTimeout(go, Math.random() * 3))
      }
    })()
    for (let n = 1; n <= 40; n++) {
      await write(writer.db, `${n}`)
      at = n
    }
    await reading
    expect(wrong).toBe(0)
    expect(await reader.title()).toBe('40')
  })
})
