import { integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { sqliteTable, integer as whole, text as words } from 'drizzle-orm/sqlite-core'
import { defineTable } from '#core/table/define'
import { describe, expect, test } from '#test'
import { shape } from '../../../plugins/shaping/index.ts'
import { notes } from './fixture.ts'

/** What the compiler refuses is refused at run time too, for those who do not ask the compiler. */
const declare =
  (declaration: object, table: unknown = notes) =>
  () =>
    shape(table as typeof notes, declaration as never)

describe('a declaration that cannot be right is refused, naming what would be', () => {
  const wrong: Record<string, [object, string]> = {
    'an unknown field': [{ filter: { titel: true } }, 'filter: there is no field "titel", did you mean "title"?'],
    'an operator of another type': [
      { filter: { score: ['contains'] } },
      'filter: "score" has no operator "contains", only eq, ne, in, nin, gt, gte, lt, lte, null',
    ],
    'null where nothing is': [{ filter: { title: ['null'] } }, '"title" has no operator "null"'],
    'a filter by a hidden field': [{ filter: { secret: true }, fields: { hidden: ['secret'] } }, '"secret" is hidden'],
    'a hidden field that is shown': [{ fields: { default: ['secret'], hidden: ['secret'] } }, '"secret" is hidden'],
    'a hidden field that is none': [{ fields: { hidden: ['secrets'] } }, 'there is no field "secrets"'],
    'a sort by a list': [{ sort: { keys: ['tags'] } }, '"tags" is of type list, which has no order'],
    'a default that is no key': [{ sort: { keys: ['id'], default: '-title' } }, '"-title" is not among sort.keys'],
    'four keys by default': [
      { sort: { keys: ['id', 'title', 'at', 'score'], default: ['id', 'title', 'at', 'score'] } },
      'at most 3 keys',
    ],
    'a key twice by default': [{ sort: { keys: ['id'], default: ['id', '-id'] } }, 'a key is there twice'],
    'cursors of no time': [{ cursors: { ttl: 'soon' } }, '"soon" is no duration'],
    'cursors of half a second': [{ cursors: { ttl: '500ms' } }, 'cursors.ttl: 500ms is shorter than a second'],
    'cursors bound to what is nobody': [{ cursors: { bind: 'tenant' } }, 'cursors.bind: "tenant" is not \'user\''],
    'a default above the maximum': [{ limit: { default: 50, max: 20 } }, '50 of at most 20'],
    'a page of nothing': [{ limit: { default: 0 } }, '0 of at most 100'],
  }
  for (const [name, [declaration, message]] of Object.entries(wrong))
    test(name, () => {
      expect(declare(declaration)).toThrow(message)
      expect(declare(declaration)).toThrow('shape(notes): ')
    })

  test('a field with the name of a word of the grammar', () => {
    for (const name of ['where', 'sort', 'fields', 'expand', 'limit', 'after', 'before', 'count', 'q', 'tz']) {
      const table = defineTable('plans', (t) => ({ id: t.id(), [name]: t.int() }))
      expect(declare({ filter: { [name]: true } }, table)).toThrow(`"${name}" is a word of the query grammar`)
      expect(declare({ sort: { keys: [name] } }, table)).not.toThrow()
    }
  })

  test('a field that the table itself hides', () => {
    const users = defineTable('people', (t) => ({ id: t.id(), passwordHash: t.string().hidden() }))
    expect(declare({ filter: { passwordHash: true } }, users)).toThrow('"passwordHash" is hidden')
    expect(declare({ sort: { keys: ['passwordHash'] } }, users)).toThrow('"passwordHash" is hidden')
    expect(Object.keys(shape(users, {}).hook.query['properties'] as object)).toEqual([
      'fields',
      'limit',
      'after',
      'before',
    ])
  })

  test('a table without a primary key', () => {
    expect(declare({}, pgTable('logs', { line: text() }))).toThrow('shape(logs): the table has no primary key')
  })

  test('a primary key of several columns is one', () => {
    const members = pgTable('members', { team: integer(), person: integer() }, (t) => [
      primaryKey({ columns: [t.team, t.person] }),
    ])
    const cards = sqliteTable('cards', { deck: whole(), name: words() })
    expect(declare({}, members)).not.toThrow()
    expect(declare({}, cards)).toThrow('no primary key')
  })
})
