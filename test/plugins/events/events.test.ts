import { Elysia } from 'elysia'
import { core } from '#core/access'
import { currentScope } from '#core/context'
import { stopGracefully } from '#core/lifecycle'
import type { Database } from '#core/ports/database'
import { describe, expect, sleep, test } from '#test'
import { defineTable } from '../../../plugins/database/index.ts'
import { defineEvents, events } from '../../../plugins/events/index.ts'
import { both } from '../../services.ts'

interface Shop {
  'order.placed': { readonly id: string }
  'order.paid': { readonly id: string; readonly cents: number }
}
const products = defineTable('products', (t) => ({ id: t.id(), name: t.string().unique() }))

function shop(database?: Database) {
  const errors: string[] = []
  const all = defineEvents<Shop>()
  const logger = {
    debug() {},
    info() {},
    warning: (text: string) => void errors.push(text),
    error: (text: string) => void errors.push(text),
  }
  const app = new Elysia()
    .use(core({ signals: false, logger, ...(database && { database }) }))
    .use(events(all))
    .post(
      '/orders/:id',
      async ({ events, params, query }) => {
        events.emit('order.placed', { id: params.id })
        await database?.values('select 1')
        if (query['fail']) throw new Error('no stock')
        return heard.join()
      },
      { public: true, ...(database && { transaction: true }) },
    )
  const heard: string[] = []
  all.on('order.placed', ({ id }) => void heard.push(`placed ${id}`))
  const post = async (path: string) => app.handle(new Request(`http://localhost${path}`, { method: 'POST' }))
  return { all, app, heard, errors, post }
}

describe('an event', () => {
  test('is told to all who listen, after who emits it has gone on', async () => {
    const { all, heard } = shop()
    all.on('order.placed', ({ id }) => void heard.push(`mail ${id}`))
    all.emit('order.placed', { id: '1' })
    expect(heard).toEqual([])
    await all.settled()
    expect(heard).toEqual(['placed 1', 'mail 1'])
  })

  test('is not told to who has stopped listening, and once to who listens once', async () => {
    const { all, heard } = shop()
    const stop = all.on('order.paid', ({ cents }) => void heard.push(`paid ${cents}`))
    all.once('order.paid', () => void heard.push('first payment'))
    for (const cents of [1, 2]) all.emit('order.paid', { id: '1', cents })
    await all.settled()
    stop()
    all.emit('order.paid', { id: '1', cents: 3 })
    await all.settled()
    expect(heard).toEqual(['paid 1', 'first payment', 'paid 2'])
  })

  test('reaches the others when one listener fails, and who emits learns nothing of it', async () => {
    const { all, errors, heard, post } = shop()
    all.on('order.placed', () => {
      throw new Error('no paper')
    })
    all.on('order.placed', () => Promise.reject(new Error('no ink')))
    all.on('order.placed', () => void heard.push('last'))
    expect((await post('/orders/1')).status).toBe(200)
    await all.settled()
    expect(heard).toEqual(['placed 1', 'last'])
    expect(errors).toEqual(['a listener of order.placed failed', 'a listener of order.placed failed'])
  })

  test('is heard in the request that it belongs to', async () => {
    const { all, post } = shop()
    const paths: string[] = []
    all.on('order.placed', async ({ id }) => {
      await sleep(Math.random() * 5)
      paths.push(`${id} ${currentScope()?.request.url.split('/').at(-1)}`)
    })
    await Promise.all(Array.from({ length: 50 }, (_, n) => post(`/orders/${n}`)))
    await all.settled()
    expect(paths.length).toBe(50)
    for (const path of paths) expect(path.split(' ')[0]).toBe(path.split(' ')[1]!)
  })

  both('inside a transaction is told when it is committed', [products], async (db) => {
    const { all, heard, post } = shop(db)
    const answer = await post('/orders/7')
    expect([answer.status, await answer.text()]).toEqual([200, ''])
    await all.settled()
    expect(heard).toEqual(['placed 7'])
  })

  both('inside a transaction that is rolled back is told to nobody', [products], async (db) => {
    const { all, heard, post } = shop(db)
    expect((await post('/orders/7?fail=1')).status).toBe(500)
    await db.tx(async () => {
      all.emit('order.placed', { id: 'outer' })
      await db
        .tx(async () => {
          all.emit('order.placed', { id: 'inner' })
          throw new Error('back')
        })
        .catch(() => {})
    })
    await all.settled()
    expect(heard).toEqual(['placed outer'])
  })

  test('is put into a list in the place of its listeners, for the flow of a test alone', async () => {
    const { all, heard } = shop()
    const lists: { name: string; payload: unknown }[][] = [[], []]
    await Promise.all(
      lists.map((list, n) =>
        all.faked(list as never, async () => {
          await sleep(2)
          all.emit('order.placed', { id: `t${n}` })
        }),
      ),
    )
    await all.settled()
    expect(lists).toEqual([
      [{ name: 'order.placed', payload: { id: 't0' } }],
      [{ name: 'order.placed', payload: { id: 't1' } }],
    ])
    expect(heard).toEqual([])
  })

  test('is waited for when the app stops, and told to nobody afterwards', async () => {
    const { all, app, errors, heard, post } = shop()
    all.on('order.placed', async ({ id }) => {
      await sleep(30)
      heard.push(`slow ${id}`)
    })
    await post('/orders/1')
    await stopGracefully(app)
    expect(heard).toEqual(['placed 1', 'slow 1'])
    all.emit('order.placed', { id: '2' })
    await all.settled()
    expect(heard.length).toBe(2)
    expect(errors).toEqual(['the event order.placed came when the app had stopped: nobody hears of it'])
  })
})
