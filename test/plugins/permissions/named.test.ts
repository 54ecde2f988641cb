import { type AnyElysia, Elysia } from 'elysia'
import { core } from '#core/access'
import { boot } from '#core/boot'
import { defineTable } from '#core/table/define'
import { expect, test } from '#test'
import { openDatabase } from '../../../plugins/database/index.ts'
import { definePermissions, permissions } from '../../../plugins/permissions/index.ts'
import { resource } from '../../../plugins/resources/index.ts'
import { one, shape, shaping } from '../../../plugins/shaping/index.ts'
import { callers } from './app.ts'

const makers = defineTable('makers', (t) => ({ id: t.id(), name: t.string(), code: t.string() }))
const parts = defineTable('parts', (t) => ({
  id: t.id(),
  cost: t.int(),
  margin: t.int(),
  makerId: t.ref(() => makers),
}))
const declared = definePermissions({ parts: ['read', 'create', 'update', 'delete', 'cost', 'margin'] })
const makerList = shape(makers, { fields: { permissions: { code: 'makrs:code' } } })

const faultOf = (add: (app: AnyElysia) => AnyElysia): string => {
  try {
    const database = openDatabase({ url: 'sqlite::memory:' })
    boot(
      add(
        new Elysia()
          .use(core({ database, signals: false }))
          .use(callers)
          .use(permissions({ declared }))
          .use(shaping()),
      ),
    )
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

test('permissions of fields, relations and counts are checked at boot, over relations too', () => {
  const wrong = {
    'parts:csot': { fields: { permissions: { cost: 'parts:csot' } } },
    'parts:maker': { relations: { maker: one(makerList, 'makerId', { permission: 'parts:maker' }) } },
    'makrs:code': { relations: { maker: one(makerList, 'makerId') } },
    'parts:count': { count: { exact: 'parts:count' } },
  } as const
  for (const [name, declaration] of Object.entries(wrong)) {
    const list = shape(parts, declaration as object)
    const serve = (hook: object) => faultOf((app) => app.get('/parts', () => 'x', { ...hook, public: true } as object))
    expect(serve(list.hook)).toContain(`permission "${name}" is used but not declared`)
    expect(serve(list.filterOnly)).toContain(`permission "${name}" is used but not declared`)
  }
  expect(faultOf((app) => app.use(resource('parts', { table: parts, fields: { cost: { read: 'parts:cost' } } })))).toBe(
    '',
  )
})

test('permissions to write a field are checked at boot', () => {
  const fault = faultOf((app) =>
    app.use(resource('parts', { table: parts, fields: { margin: { write: 'parts:margn' } } })),
  )
  expect(fault).toContain('POST /parts')
  expect(fault).toContain('permission "parts:margn" is used but not declared, did you mean "parts:margin"?')
  expect(
    faultOf((app) => app.use(resource('parts', { table: parts, fields: { margin: { write: 'parts:margin' } } }))),
  ).toBe('')
})
