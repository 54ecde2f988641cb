import { describe, expect, test } from '#test'
import { parseFields } from '../../cli/fields/grammar.ts'
import { modelLines } from '../../cli/generate/model-lines.ts'
import { namesOf } from '../../cli/generate/names.ts'
import { render } from '../../cli/generate/render.ts'
import { filterLines, secretLines, sortKeys, sortLines } from '../../cli/generate/shape-lines.ts'

test('a template becomes another resource, each word in its own form', () => {
  const template = `import { products } from './product/model.ts'
/** «a product» of the «products» */
export const productTable = defineTable('products', {
  // kwik:fields
  name: t.string(),
  // kwik:end
})
resource('products', ['/products/:id', { permission: 'products:read' })
type NewProduct = Products[]
`
  const parts = { fields: ['productId: t.uuid(),', 'stock: t.int(),'] }
  expect(render(template, namesOf('order-line'), parts)).toBe(`import { orderLines } from './order-line/model.ts'
/** an order line of the order lines */
export const orderLineTable = defineTable('order_lines', {
  productId: t.uuid(),
  stock: t.int(),
})
resource('order-lines', ['/order-lines/:id', { permission: 'order-lines:read' })
type NewOrderLine = OrderLines[]
`)
})

test('a part that nobody fills is refused', () => {
  expect(() => render('// kwik:fields\n// kwik:end\n', namesOf('thing'), {})).toThrow('a part "fields"')
})

describe('a field', () => {
  test.each([
    ['name:string!', 'name: t.string(),'],
    ['name:string:80', 'name: t.string(80).nullable(),'],
    ['price:decimal:10.2', 'price: t.decimal(10, 2).nullable(),'],
    ['status:enum:draft,live=draft', "status: t.enum('draft', 'live').default('draft'),"],
    ['tags:list:string!', "tags: t.list('string'),"],
    ['author:ref:users:cascade!', "authorId: t.ref('users', { onDelete: 'cascade' }).index(),"],
    ['editor:ref:users:set-null', "editorId: t.ref('users', { onDelete: 'set null' }).nullable().index(),"],
    ['sku:string:unique!', 'sku: t.string().unique(),'],
    ['pin:string:secret', 'pin: t.string().nullable(),'],
    ['key:string:hidden', 'key: t.string().nullable().hidden(),'],
    ['total:int:readonly:index', 'total: t.int().nullable().index().readonly(),'],
  ])('%s is the line %s', (input, line) => {
    expect(modelLines(parseFields([input]))).toEqual([line])
  })
})

describe('a list', () => {
  const fields = (...inputs: string[]) => parseFields(inputs)

  test('is filtered and sorted by all that can be, when no field says it', () => {
    const all = fields('name!', 'body:text', 'meta:json', 'pin:string:secret', 'on:bool', 'tags:list:string')
    expect(filterLines(all)).toEqual(['name: true,', 'body: true,', 'on: true,', 'tags: true,'])
    expect(sortKeys(all)).toEqual(['createdAt', 'name'])
  })

  test('has its keys on one line, or on a line each', () => {
    expect(sortLines(fields('name!'))).toEqual(["keys: ['createdAt', 'name'],"])
    const many = Array.from({ length: 20 }, (_, n) => `field${n}:int`)
    expect(sortLines(fields(...many)).slice(0, 3)).toEqual(['keys: [', "  'createdAt',", "  'field0',"])
  })

  test('shows no secrets', () => {
    expect(secretLines(fields('name!', 'pin:string:secret'))).toEqual(["fields: { hidden: ['pin'] },"])
    expect(secretLines(fields('name!'))).toEqual([])
  })

  test('is filtered and sorted by exactly those that say it, when one does', () => {
    const some = fields('name:string:search', 'price:decimal:filter:sort', 'stock:int')
    expect(filterLines(some)).toEqual(["name: { by: ['contains', 'starts'], index: 'scan' },", 'price: true,'])
    expect(sortKeys(some)).toEqual(['createdAt', 'price'])
  })
})
