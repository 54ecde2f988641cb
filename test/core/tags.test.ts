import { type Copies, endTags, hasCopies, keepCopies } from 'kwik/core'
import { type Database, defineTable, openDatabase } from 'kwik/database'
import { describe, expect, test } from '#test'
import { both } from '../services.ts'

const notes = defineTable('notes', (t) => ({ id: t.id(), text: t.string() }))
const count = async (db: Database): Promise<number> => Number((await db.values('select count(*) from notes'))[0]![0])
const add = (db: Database): Promise<unknown> => db.drizzle.insert(notes.for(db)).values({ text: 'a' })

/** Copies that write down what they are told, and how many rows others see then. */
function told(db: Database, over: Partial<Copies> = {}) {
  const heard: string[] = []
  const stop = keepCopies(db, {
    hold: async (tags) => {
      heard.push(`hold ${tags}`)
      return 'held'
    },
    end: async (tags, held) => {
      heard.push(`end ${tags}${held ? ` (${held})` : ''}, ${db.inTransaction ? 'inside' : await count(db)}`)
    },
    ...over,
  })
  return { heard, stop }
}

describe('tags end', () => {
  both(
    'once for a transaction: held before the commit, ended after it and before tx() answers',
    [notes],
    async (db) => {
      const { heard } = told(db)
      await db.tx(async () => {
        await add(db)
        await endTags(db, ['notes', 'notes:1'])
        await add(db)
        await endTags(db, ['notes', 'notes:2'])
        expect(heard).toEqual([])
      })
      expect(heard).toEqual(['hold notes,notes:1,notes:2', 'end notes,notes:1,notes:2 (held), 2'])
    },
  )

  both('before the hooks after a commit that the app has added since', [notes], async (db) => {
    const { heard } = told(db)
    await db.tx(async () => {
      await endTags(db, ['notes'])
      db.afterCommit(() => void heard.push('told'))
      await endTags(db, ['others'])
    })
    expect(heard).toEqual(['hold notes,others', 'end notes,others (held), 0', 'told'])
  })

  both('never when all is rolled back, and not those of a savepoint that was', [notes], async (db) => {
    const { heard } = told(db)
    const no = (): never => {
      throw new Error('no')
    }
    await db.tx(() => endTags(db, ['notes'])?.then(no) ?? no()).catch(() => {})
    expect(heard).toEqual([])
    await db.tx(async () => {
      await db
        .tx(async () => {
          await endTags(db, ['never'])
          no()
        })
        .catch(() => {})
      await db.tx(() => endTags(db, ['notes']))
    })
    expect(heard).toEqual(['hold notes', 'end notes (held), 0'])
  })

  both('with what others end just before the commit', [notes], async (db) => {
    const { heard } = told(db)
    await db.tx(async () => {
      await db.beforeCommit(() => endTags(db, ['first']))
      await endTags(db, ['notes'])
      await db.beforeCommit(() => db.beforeCommit(() => endTags(db, ['last'])))
    })
    expect(
      heard
        .filter((one) => one.startsWith('hold'))
        .flatMap((one) => one.slice(5).split(','))
        .toSorted(),
    ).toEqual(['first', 'last', 'notes'])
    expect(heard.filter((one) => one.startsWith('end')).every((one) => one.includes('(held)'))).toBe(true)
    expect(heard.filter((one) => one.startsWith('end')).length).toBe(heard.length / 2)
  })

  both('at once without a transaction', [notes], async (db) => {
    const { heard } = told(db)
    await endTags(db, ['notes'])
    expect(heard).toEqual(['end notes, 0'])
  })

  both('also when the commit fails: nobody may know whether it came', [], async (db) => {
    await db.execute('create table notes (id integer primary key)')
    await db.execute('create table children (note integer references notes (id) deferrable initially deferred)')
    const { heard } = told(db)
    const failed = db.tx(async () => {
      await db.execute('insert into children values (1)')
      await endTags(db, ['children'])
    })
    expect(
      await failed.then(
        () => 'done',
        () => 'failed',
      ),
    ).toBe('failed')
    expect(heard).toEqual(['hold children', 'end children (held), 0'])
  })

  both('for nobody who has stopped keeping copies, and for everybody who does', [notes], async (db) => {
    expect(hasCopies(db)).toBe(false)
    const [one, other] = [told(db), told(db)]
    expect(hasCopies(db)).toBe(true)
    one.stop()
    await db.tx(() => endTags(db, ['notes']))
    expect([one.heard.length, other.heard.length]).toEqual([0, 2])
    other.stop()
    expect(hasCopies(db)).toBe(false)
  })
})

describe('what fails', () => {
  both('before the commit undoes it, and lets go of what others hold', [notes], async (db) => {
    const { heard } = told(db)
    told(db, { hold: () => Promise.reject(new Error('the store is away')) })
    const failed = db.tx(async () => {
      await add(db)
      await endTags(db, ['notes'])
    })
    expect(await failed.catch((error) => error.message)).toBe('the store is away')
    expect(await count(db)).toBe(0)
    expect(heard).toEqual(['hold notes', 'end notes (held), 0'])
  })

  test('after it is logged, and undoes nothing', async () => {
    const lines: unknown[] = []
    const log = (): void => {}
    const db = openDatabase({
      url: 'sqlite::memory:',
      logger: { debug: log, info: log, warning: log, error: (message) => void lines.push(message) },
    })
    await db.execute('create table notes (id text, text text)')
    told(db, { end: () => Promise.reject(new Error('the store is away')) })
    await db.tx(async () => {
      await db.execute("insert into notes values ('1', 'a')")
      await endTags(db, ['notes'])
    })
    await endTags(db, ['notes'])
    await new Promise((go) => setTimeout(go))
    expect(lines).toEqual(['a hook after commit failed', 'a hook after commit failed'])
    expect(await count(db)).toBe(1)
    await db.close()
  })
})
