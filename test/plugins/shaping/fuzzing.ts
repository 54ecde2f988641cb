/**
 * Asks lists at random in a process of its own and tells what memory it holds: `bun fuzzing.ts <first> <all>`. The last line
 * has the bytes after the first requests, when every cache is full, and after all of them.
 */
import { writeSync } from 'node:fs'
import { Elysia } from 'elysia'
import { core } from '#core/access'
import { createTables, openDatabase } from '../../../plugins/database/index.ts'
import { type AnyShape, shaping } from '../../../plugins/shaping/index.ts'
import { fillBlog, postList, tables } from './blog.ts'
import { fill, keys, noteList, notes } from './fixture.ts'
import { numbers, Queries } from './queries.ts'

const [first, all] = process.argv.slice(2).map(Number) as [number, number]
const database = openDatabase({ url: 'sqlite::memory:' })
await createTables(database, [notes, ...tables])
await fillBlog(database)
await fill(
  database,
  [1, 2, 3].map((id) => ({ id, score: id })),
)
const app = new Elysia()
  .use(core({ database, signals: false }))
  .use(shaping({ keys }))
  .get('/notes', ({ request }) => noteList.from({ request }).page(), { ...noteList.hook, public: true })
  .get('/posts', ({ request }) => postList.from({ request }).page(), { ...postList.hook, public: true })
const random = numbers(Date.now())
const lists = [
  { path: '/notes', queries: new Queries(noteList as AnyShape, random) },
  { path: '/posts', queries: new Queries(postList as AnyShape, random) },
]

interface Held {
  readonly heap: number
  readonly rss: number
}
/** The least of a while: freed pages go back to the system late. */
async function held(): Promise<Held> {
  let least: Held = { heap: Number.POSITIVE_INFINITY, rss: Number.POSITIVE_INFINITY }
  for (let turn = 0; turn < 10; turn++) {
    Bun.gc(true)
    await Bun.sleep(100)
    const { heapUsed, rss } = process.memoryUsage()
    least = { heap: Math.min(least.heap, heapUsed), rss: Math.min(least.rss, rss) }
  }
  return least
}

let early: Held | undefined
for (let at = 0; at < all; at++) {
  const { path, queries } = lists[at % 2]!
  const response = await app.handle(new Request(`http://localhost${path}?${queries.next()}`))
  await response.arrayBuffer()
  if (response.status >= 500) throw new Error(`${response.status}`)
  if (at + 1 === first) early = await held()
}
writeSync(1, `${JSON.stringify([early, await held()])}\n`)
process.exit(0)
