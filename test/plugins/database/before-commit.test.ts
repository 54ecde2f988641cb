import { type Database, defineTable, openDatabase } from 'kwik/database'
import { expect, test } from '#test'
import { both, withDatabase, withPostgres } from '../../services.ts'
import { failing } from './failing.ts'

const notes = defineTable('notes', (t) => ({ id: t.id(), text: t.string().unique() }))
const add = (db: Database, text: string): Promise<unknown> => db.drizzle.insert(notes.for(db)).values({ text })
const texts = async (db: Database): Promise<unknown[]> =>
  (await db.values('select text from notes order by text')).map(([text]) => text)

both('what comes before the commit runs last, in the transaction, and sees what it has done', [notes], async (db) => {
  const heard: string[] = []
  await db.tx(async () => {
    await db.beforeCommit(async () => {
      await add(db, 'last')
      heard.push(`before ${db.inTransaction} ${await texts(db)}`)
    })
    db.afterCommit(() => void heard.push('after'))
    await add(db, 'first')
    expect(heard).toEqual([])
  })
  expect(heard).toEqual(['before true first,last', 'after'])
  expect(await texts(db)).toEqual(['first', 'last'])
})

both('what it throws rolls everything back, and nothing after the commit runs', [notes], async (db) => {
  const heard: string[] = []
  const error = await failing(() =>
    db.tx(async () => {
      db.afterCommit(() => void heard.push('after'))
      await add(db, 'a')
      await db.beforeCommit(() => Promise.reject(new Error('no')))
      await db.beforeCommit(() => void heard.push('later'))
    }),
  )
  expect((error as Error).message).toBe('no')
  expect(heard).toEqual([])
  expect(await texts(db)).toEqual([])
})

both('a savepoint hands it to the outer one; one that is rolled back forgets it', [notes], async (db) => {
  const heard: string[] = []
  await db.tx(async () => {
    await db.tx(async () => {
      await db.tx(() => db.beforeCommit(() => void heard.push('inner')))
    })
    await failing(() =>
      db.tx(async () => {
        await db.beforeCommit(() => void heard.push('never'))
        throw new Error('no')
      }),
    )
    expect(heard).toEqual([])
    await db.beforeCommit(() => db.beforeCommit(() => void heard.push('one that was added then')))
    await db.beforeCommit(() => void heard.push('outer'))
  })
  expect(heard).toEqual(['inner', 'outer', 'one that was added then'])
})

both('without a transaction it runs at once, and fails there', [notes], async (db) => {
  const heard: string[] = []
  await db.beforeCommit(() => void heard.push('now'))
  expect(heard).toEqual(['now'])
  const error = await failing(async () => db.beforeCommit(() => Promise.reject(new Error('no'))))
  expect((error as Error).message).toBe('no')
})

both('a rollback before it undoes nothing; one after it undoes what has begun', [notes], async (db) => {
  const heard: string[] = []
  const undone = (name: string) => () => void heard.push(`undone ${name} ${db.inTransaction}`)
  await failing(() =>
    db.tx(async () => {
      await db.beforeCommit(() => {}, undone('never'))
      throw new Error('no')
    }),
  )
  await failing(() =>
    db.tx(async () => {
      await db.beforeCommit(() => {}, undone('first'))
      await db.beforeCommit(() => Promise.reject(new Error('no')), undone('second'))
      await db.beforeCommit(() => {}, undone('never'))
    }),
  )
  await db.tx(() => db.beforeCommit(() => {}, undone('never')))
  expect(heard).toEqual(['undone first false', 'undone second false'])
})

both('a commit that the database refuses undoes it', [], async (db) => {
  await db.execute('create table parents (id integer primary key)')
  await db.execute('create table children (parent integer references parents (id) deferrable initially deferred)')
  const heard: string[] = []
  await failing(() =>
    db.tx(async () => {
      await db.beforeCommit(
        () => void heard.push('before'),
        () => void heard.push('undone'),
      )
      await db.execute('insert into children values (1)')
    }),
  )
  expect(heard).toEqual(['before', 'undone'])
})

withPostgres.test('each attempt after a serialization failure has its own', () =>
  withDatabase('PostgreSQL', [], async (db) => {
    await db.execute('create table counters (n integer); insert into counters values (0)')
    const heard: string[] = []
    const { promise: bothHaveRead, resolve: go } = Promise.withResolvers<void>()
    let readers = 0
    await Promise.all(
      ['a', 'b'].map((name) => {
        let attempt = 0
        return db.tx(async () => {
          const mine = `${name}${++attempt}`
          await db.execute('set transaction isolation level serializable')
          const [row] = await db.values('select n from counters')
          if (++readers === 2) go()
          await bothHaveRead
          await db.beforeCommit(
            async () => {
              heard.push(mine)
              await db.execute('update counters set n = $1', [Number(row![0]) + 1])
            },
            () => void heard.push(`undone ${mine}`),
          )
        })
      }),
    )
    expect(await db.values('select n from counters')).toEqual([[2]])
    const undone = heard.filter((one) => one.startsWith('undone'))
    expect(undone.length).toBeGreaterThan(0)
    // Every one that was not undone is the last of its transaction.
    const kept = heard.filter((one) => !one.startsWith('undone') && !undone.includes(`undone ${one}`))
    expect(kept.map((one) => one[0]).toSorted()).toEqual(['a', 'b'])
  }),
)

test('a transaction is one object for all that belongs to it, and another for each attempt', async () => {
  const db = openDatabase({ url: 'sqlite::memory:' })
  expect(db.transaction).toBeUndefined()
  const seen = new Set<object | undefined>()
  await db.tx(async () => {
    seen.add(db.transaction)
    await db.tx(() => seen.add(db.transaction))
  })
  expect(seen.size).toBe(1)
  await db.tx(() => seen.add(db.transaction))
  expect(seen.size).toBe(2)
  await db.close()
})
