import { Buffer } from 'node:buffer'
import { type AnyElysia, Elysia } from 'elysia'
import { core } from '#core/access'
import type { Database } from '#core/ports/database'
import { CursorKey } from '../../plugins/shaping/cursor/cursor-key.ts'
import { type AnyShape, shaping } from '../../plugins/shaping/index.ts'

/** A statement that a page was read with. */
export interface Statement {
  readonly text: string
  readonly parameters: readonly unknown[]
}

const secret = 'a secret of the bench, 32 characters long'
const key = new CursorKey(secret)

/** A list at /, whose reads are written down. */
export class Watched {
  readonly statements: Statement[] = []
  private readonly app: AnyElysia
  private readonly database: Database

  constructor(database: Database, list: AnyShape) {
    this.database = database
    const seen = new Proxy(database, {
      get: (target, name) => {
        const value = Reflect.get(target, name, target)
        if (name !== 'values' && name !== 'valuesNow') return typeof value === 'function' ? value.bind(target) : value
        return (text: string, parameters: readonly unknown[]) => {
          const found = value.call(target, text, parameters)
          if (found !== undefined) this.statements.push({ text, parameters })
          return found
        }
      },
    })
    this.app = new Elysia()
      .use(core({ database: seen, signals: false }))
      .use(shaping({ keys: [secret] }))
      .get('/', ({ request }) => list.from({ request }).page(), { ...list.hook, public: true })
  }

  /** Asks for a page; `statements` are those of it. */
  async page(query: string): Promise<{ readonly data: readonly Record<string, unknown>[]; readonly next?: string }> {
    this.statements.length = 0
    const response = await this.app.handle(new Request(`http://localhost/?${query}`))
    const { data, page } = (await response.json()) as never as {
      data: Record<string, unknown>[]
      page: { next?: string }
    }
    if (response.status !== 200) throw new Error(`${query}: ${response.status}`)
    return { data, ...(page.next !== undefined && { next: page.next }) }
  }

  /** A cursor of the row at a depth of an order, without walking there: that of the first page, with other keys. */
  async cursorAt(query: string, depth: number): Promise<string> {
    const { next } = await this.page(query)
    const said = JSON.parse(Buffer.from(next!.split('.')[1]!, 'base64url').toString()) as object
    const { text, parameters } = this.statements[0]!
    const columns = text.slice(text.indexOf(' ') + 1, text.indexOf(' from ')).split(', ')
    const [row] = await this.database.values(text.replace(/ limit \d+$/, ` limit 1 offset ${depth}`), parameters)
    const order = text.slice(text.indexOf(' order by ') + ' order by '.length, text.indexOf(' limit ')).split(', ')
    const keys = order.map((term) => {
      const value = row![columns.findIndex((column) => column.includes(term.split(' ')[0]!))]
      return value === null ? null : String(value)
    })
    return key.sign(JSON.stringify({ ...said, k: keys }))
  }
}

/** Milliseconds that a statement takes, round trip and all: the median of many runs. */
export async function timed(database: Database, { text, parameters }: Statement, runs = 300): Promise<number> {
  const times: number[] = []
  for (let run = 0; run < runs; run++) {
    const from = performance.now()
    if (database.valuesNow?.(text, parameters) === undefined) await database.values(text, parameters)
    times.push(performance.now() - from)
  }
  return times.sort((a, b) => a - b)[runs >> 1]!
}
