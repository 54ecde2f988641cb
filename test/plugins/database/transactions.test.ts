import { expect, test } from '#test'
import { type Database, databaseProblem, defineTable, openDatabase } from '../../../plugins/database/index.ts'
import { both, inFolder, withDatabase, withPostgres } from '../../services.ts'
import { failing } from './failing.ts'

const notes = defineTable('notes', (t) => ({ id: t.id(), text: t.string().unique() }))
const add = (db: Database, text: string): Promise<unknown> => db.drizzle.insert(notes.for(db)).values({ text })
const texts = async (db: Database): Promise<unknown[]> =>
  (await db.values('select text from notes order by text')).map(([text]) => text)
const pause = (ms = 2): Promise<void> => new Promise((go) => setTimeout(go, ms))

both('an asynchronous transaction that throws leaves no row', [notes], async (db) => {
  const error = await failing(() =>
    db.tx(async () => {
      await add(db, 'a')
      await pause()
      await add(db, 'b')
      throw new Error('no')
    }),
  )
  expect((error as Error).message).toBe('no')
  expect(await texts(db)).toEqual([])
})

both('ten transactions at once, five of which fail, leave five rows', [notes], async (db) => {
  const results = await Promise.allSettled(
    Array.from({ length: 10 }, (_, i) =>
      db.tx(async () => {
        await add(db, `n${i}`)
        await pause()
        if (i % 2 === 1) throw new Error('no')
      }),
    ),
  )
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(5)
  expect(await texts(db)).toEqual(['n0', 'n2', 'n4', 'n6', 'n8'])
})

both('statements from outside do not join an open transaction', [notes], async (db) => {
  const started = Promise.withResolvers<void>()
  const done = db
    .tx(async () => {
      await add(db, 'inside')
      started.resolve()
      await pause(20)
      throw new Error('no')
    })
    .catch(() => {})
  await started.promise
  const outside = add(db, 'outside')
  await Promise.all([outside, done])
  expect(await texts(db)).toEqual(['outside'])
})

both('the flow of a transaction sees its own rows, others do not', [notes], async (db) => {
  const go = Promise.withResolvers<void>()
  const seen = Promise.withResolvers<void>()
  const writer = db.tx(async () => {
    await add(db, 'a')
    expect(await texts(db)).toEqual(['a'])
    expect(db.inTransaction).toBe(true)
    go.resolve()
    // In memory there is one connection: whoever is outside waits, so nobody may wait for them here.
    await Promise.race([seen.promise, pause(20)])
  })
  await go.promise
  expect(db.inTransaction).toBe(false)
  const before = texts(db).finally(seen.resolve)
  await writer
  expect((await before).length).toBeLessThan(2)
  expect(await texts(db)).toEqual(['a'])
})

both('a nested transaction that fails takes only its own rows along', [notes], async (db) => {
  await db.tx(async () => {
    await add(db, 'outer')
    await failing(() =>
      db.tx(async () => {
        await add(db, 'inner')
        await db.tx(() => add(db, 'innermost'))
        throw new Error('no')
      }),
    )
    await db.tx(() => add(db, 'second'))
  })
  expect(await texts(db)).toEqual(['outer', 'second'])
})

both('nested transactions at once keep their rows apart', [notes], async (db) => {
  await db.tx(async () => {
    const results = await Promise.allSettled([
      ...[0, 1, 2, 3].map((i) =>
        db.tx(async () => {
          await add(db, `n${i}`)
          await pause()
          if (i % 2 === 1) throw new Error('no')
        }),
      ),
      add(db, 'beside'),
    ])
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(2)
  })
  expect(await texts(db)).toEqual(['beside', 'n0', 'n2'])
})

both(
  'a refused statement that is caught inside a nested transaction does not spoil the outer one',
  [notes],
  async (db) => {
    await db.tx(async () => {
      await add(db, 'a')
      await failing(() => db.tx(() => add(db, 'a')))
      await add(db, 'b')
    })
    expect(await texts(db)).toEqual(['a', 'b'])
  },
)

both('hooks run after the outermost commit, in order, outside of the transaction', [notes], async (db) => {
  const heard: string[] = []
  await db.tx(async () => {
    db.afterCommit(() => void heard.push(`first ${db.inTransaction}`))
    await db.tx(async () => {
      db.afterCommit(async () => {
        await pause()
        heard.push(`second sees ${(await texts(db)).length}`)
      })
      await add(db, 'a')
    })
    await failing(() =>
      db.tx(async () => {
        db.afterCommit(() => void heard.push('never: its savepoint was rolled back'))
        throw new Error('no')
      }),
    )
    db.afterCommit(() => void heard.push('third'))
    expect(heard).toEqual([])
  })
  expect(heard).toEqual(['first false', 'second sees 1', 'third'])
})

both('hooks do not run after a rollback, and at once without a transaction', [notes], async (db) => {
  const heard: string[] = []
  await failing(() =>
    db.tx(async () => {
      db.afterCommit(() => void heard.push('never'))
      throw new Error('no')
    }),
  )
  db.afterCommit(() => void heard.push('now'))
  expect(heard).toEqual(['now'])
})

test('a hook that fails is logged; what was committed stays', async () => {
  const lines: unknown[] = []
  const log = (): void => {}
  const db = openDatabase({
    url: 'sqlite::memory:',
    logger: { debug: log, info: log, warning: log, error: (message) => void lines.push(message) },
  })
  await db.execute('create table notes (text text)')
  await db.tx(async () => {
    db.afterCommit(() => Promise.reject(new Error('no')))
    await db.execute("insert into notes values ('a')")
  })
  expect(lines).toEqual(['a hook after commit failed'])
  expect(await texts(db)).toEqual(['a'])
  await db.close()
})

both('a commit that fails throws, keeps nothing and runs no hook', [], async (db) => {
  await db.execute('create table parents (id integer primary key)')
  await db.execute('create table children (parent integer references parents (id) deferrable initially deferred)')
  let heard = false
  await failing(() =>
    db.tx(async () => {
      db.afterCommit(() => {
        heard = true
      })
      await db.execute('insert into children values (1)')
    }),
  )
  expect(heard).toBe(false)
  expect(await db.values('select count(*) from children')).toEqual([[db.dialect === 'sqlite' ? 0 : '0']])
  // The connection is of use again.
  await db.tx(() => db.execute('insert into parents values (1)'))
})

both('a refused statement that is swallowed never looks like a success', [notes], async (db) => {
  await add(db, 'a')
  let heard = false
  const result = await db
    .tx(async () => {
      db.afterCommit(() => {
        heard = true
      })
      await add(db, 'b')
      await add(db, 'a').catch(() => {})
    })
    .then(
      () => 'committed',
      () => 'rolled back',
    )
  // SQLite takes back the one statement, PostgreSQL the whole transaction: it must say so.
  expect(result).toBe(db.dialect === 'sqlite' ? 'committed' : 'rolled back')
  expect(heard).toBe(result === 'committed')
  expect(await texts(db)).toEqual(result === 'committed' ? ['a', 'b'] : ['a'])
})

both('a statement that comes after its transaction was rolled back is refused', [notes], async (db) => {
  let late: Promise<unknown> | undefined
  await failing(() =>
    db.tx(async () => {
      late = pause(10).then(() => add(db, 'late'))
      late.catch(() => {})
      throw new Error('no')
    }),
  )
  expect(String(((await failing(() => late!)) as Error).cause)).toContain('after its transaction was rolled back')
  expect(await texts(db)).toEqual([])
})

both('a nested transaction that nobody waits for ends before the outer one does', [notes], async (db) => {
  await db.tx(async () => {
    void db.tx(async () => {
      await pause(10)
      await add(db, 'nested')
    })
  })
  expect(await texts(db)).toEqual(['nested'])
})

both(
  'a nested transaction that is still open is rolled back with the outer one, and touches nobody else’s',
  [notes],
  async (db) => {
    const lost = Promise.withResolvers<unknown>()
    await failing(() =>
      db.tx(async () => {
        db.tx(async () => {
          await add(db, 'before')
          await pause(10)
          await add(db, 'after')
        }).then(lost.resolve, lost.resolve)
        await pause(2)
        throw new Error('no')
      }),
    )
    await Promise.all([1, 2, 3].map((n) => db.tx(() => add(db, `other ${n}`))))
    expect(String(((await lost.promise) as Error).cause)).toContain('after its transaction was rolled back')
    expect(await texts(db)).toEqual(['other 1', 'other 2', 'other 3'])
  },
)

test('a write from outside waits for an open transaction of a file without blocking the process', () =>
  inFolder(async (folder) => {
    const db = openDatabase({ url: `sqlite:${folder}/a.sqlite` })
    await db.execute('create table notes (text text)')
    const order: string[] = []
    const started = Promise.withResolvers<void>()
    const transaction = db.tx(async () => {
      await db.execute("insert into notes values ('a')")
      started.resolve()
      await pause(30)
      order.push('transaction')
    })
    await started.promise
    expect(await db.values('select count(*) from notes')).toEqual([[0]])
    order.push('read')
    await db.execute("insert into notes values ('b')").then(() => order.push('write'))
    await transaction
    expect(order).toEqual(['read', 'transaction', 'write'])
    await db.close()
  }))

withPostgres.test('a transaction that meets another one is run again', () =>
  withDatabase('PostgreSQL', [], async (db) => {
    await db.execute('create table counters (n integer)')
    await db.execute('insert into counters values (0)')
    let runs = 0
    let readers = 0
    const heard: string[] = []
    const { promise: bothHaveRead, resolve: go } = Promise.withResolvers<void>()
    await Promise.all(
      ['a', 'b'].map((name) =>
        db.tx(async () => {
          runs++
          db.afterCommit(() => void heard.push(name))
          await db.execute('set transaction isolation level serializable')
          const [row] = await db.values('select n from counters')
          if (++readers === 2) go()
          await bothHaveRead
          await db.execute('update counters set n = $1', [Number(row![0]) + 1])
        }),
      ),
    )
    expect(await db.values('select n from counters')).toEqual([[2]])
    expect(runs).toBeGreaterThan(2)
    expect(heard.toSorted()).toEqual(['a', 'b'])
  }),
)

withPostgres.test('a transaction that never succeeds is given up after three more times', () =>
  withDatabase('PostgreSQL', [], async (db) => {
    let runs = 0
    const error = await failing(() =>
      db.tx(async () => {
        runs++
        await db.execute("do $$ begin raise exception 'no' using errcode = '40001'; end $$")
      }),
    )
    expect(runs).toBe(4)
    expect(databaseProblem(error)).toMatchObject({ status: 503, code: 'KWIK_DATABASE_BUSY' })
  }),
)
