import { describe, expect, test } from '#test'
import { fieldTypes } from '../../cli/fields/field.ts'
import { parseFields } from '../../cli/fields/grammar.ts'

const one = (input: string) => parseFields([input])[0]!
const mistake = (...inputs: string[]): string => {
  try {
    parseFields(inputs)
  } catch (error) {
    expect(error).toHaveProperty('exitCode', 2)
    return (error as Error).message
  }
  throw new Error(`${inputs.join(' ')} was taken`)
}

describe('the field grammar', () => {
  const simple = fieldTypes.filter((type) => !['enum', 'list', 'ref'].includes(type))
  test.each(simple)('reads %s, optional without a mark and required with one', (type) => {
    expect(one(`a:${type}`)).toMatchObject({ name: 'a', type, optional: true })
    if (type === 'file') return
    expect(one(`a:${type}!`)).toMatchObject({ name: 'a', type, optional: false })
  })

  test('takes a field without a type for text of one line', () => {
    expect(one('name')).toMatchObject({ name: 'name', type: 'string', optional: true })
    expect(one('name!')).toMatchObject({ name: 'name', type: 'string', optional: false })
  })

  test('reads what types take', () => {
    expect(one('price:decimal:10.2')).toMatchObject({ precision: 10, scale: 2 })
    expect(one('price:decimal:sort')).toMatchObject({ precision: 12, scale: 2 })
    expect(one('sku:string:40:unique!')).toMatchObject({ maxLength: 40, optional: false })
    expect(one('status:enum:draft,live=draft')).toMatchObject({ values: ['draft', 'live'], defaultValue: 'draft' })
    expect(one('tags:list:string')).toMatchObject({ items: 'string' })
    expect(one('author:ref:users:cascade')).toMatchObject({ name: 'authorId', target: 'users', onDelete: 'cascade' })
    expect(one('author:ref:users:set-null')).toMatchObject({ onDelete: 'set null' })
  })

  test('reads the words after the type, in any order', () => {
    expect([...one('sku:string:unique:filter:sort:search!').modifiers]).toEqual(['unique', 'filter', 'sort', 'search'])
    expect([...one('author:ref:users:cascade:index').modifiers]).toEqual(['index'])
    expect(one('note:text:optional').optional).toBe(true)
  })

  test('writes names in camelCase', () => {
    expect(one('unit_price:int').name).toBe('unitPrice')
    expect(one('unit-price:int').name).toBe('unitPrice')
    expect(one('UnitPrice:int').name).toBe('unitPrice')
    expect(one('SKU').name).toBe('sku')
  })

  test.each([
    ['name:strnig', 'unknown type "strnig" in name:strnig — did you mean string?'],
    [
      'stock:int=0',
      'only an enum has its default here: leave "=0" out of stock:int=0, and say .default(...) in the model that is written',
    ],
    ['price:decimal(10,2)', 'price:decimal(10,2) is not the form: write price:decimal:10.2'],
    ['price:decimal10', 'price:decimal10 reached me without its size: write price:decimal:10.2'],
    ['tags:string[]', 'tags:string[] is not the form, and some shells take [] apart: write tags:list:string'],
    ['note:text?', 'note:text?: fields are optional unless they end in !, so leave out the ?'],
    ['status:enum:a|b', 'status:enum:a|b: values are separated by commas, as in status:enum:draft,live=draft'],
    ['name:string!:unique', 'name:string!:unique: the ! comes last, as in name:string:unique!'],
    ['sku:string:uniqe', 'unknown word "uniqe" in sku:string:uniqe — did you mean unique?'],
    ['status:enum', 'status:enum needs its values, as in status:enum:draft,live=draft'],
    [
      'status:enum:draft,live=lve',
      'the default "lve" in status:enum:draft,live=lve is none of its values — did you mean live?',
    ],
    ['tags:list:strin', 'a list cannot hold "strin" in tags:list:strin — did you mean string?'],
    ['constructor', 'field "constructor" is reserved: every JavaScript object has one'],
    ['__proto__:json', 'field "__proto__" is reserved: every JavaScript object has one'],
    ['id:int', 'field "id" is reserved: Kwik writes it itself'],
    ['created_at:datetime', 'field "createdAt" is reserved: Kwik writes it itself'],
    ['limit:int', 'field "limit" is reserved: it has a meaning in the query string of a list'],
    [
      'price:decimal:2.5',
      'decimal:2.5 in price:decimal:2.5: 1 to 18 digits, and no more of them after the point than there are',
    ],
    [
      'price:decimal:10,2',
      '"10,2" in price:decimal:10,2 is no size: write digits and digits after the point, as in decimal:10.2',
    ],
    ['name:string:0', 'string:0 in name:string:0: 1 to 65535 characters; use text for more'],
    ['status:enum:a,b=a=b', 'status:enum:a,b=a=b has more than one default'],
    ['status:enum:a,a', '"a" is there twice in status:enum:a,a'],
    ['tags:list', 'tags:list needs the type of its items, as in tags:list:string'],
    ['author:ref', 'author:ref needs what it points at, as in author:ref:users or author:ref:users:cascade'],
    [
      'author:ref:users:set-null!',
      'author:ref:users:set-null! cannot be set to null when users go: leave out the ! or write cascade',
    ],
    ['author:ref:users:cascad', 'unknown word "cascad" in author:ref:users:cascad — did you mean cascade?'],
    ['stock:int:search', 'stock:int:search: only text can be searched, not int'],
    ['tags:list:string:sort', 'tags:list:string:sort: a list has no order and no one value: leave out sort'],
    [
      'name:string:nonsense',
      '"nonsense" says nothing about a string in name:string:nonsense; there are: unique, index, optional, filter, sort, search, readonly, hidden, secret',
    ],
    [
      '2nd:int',
      '"2nd" in 2nd:int is no field name: letters, digits and _ only, and a letter first, as in unitPrice:decimal:10.2',
    ],
    ['a;b', 'a;b has a sign that shells take for themselves: use letters, digits, : , . = and a last !'],
    ['photo:file!', 'photo:file! cannot be required: a row is there before its file, so leave out the !'],
    ['note:text:optional!', 'note:text:optional! says both optional and !: write one of them'],
    [
      'secret:string:secret:filter',
      'secret:string:secret:filter: what never leaves can be neither filtered, sorted nor searched by',
    ],
  ])('refuses %s and says what to write', (input, message) => {
    expect(mistake(input)).toBe(message)
  })

  test('tells all mistakes at once, a repeated name among them', () => {
    expect(mistake('a:strnig', 'b', 'b:int', '1c').split('\n')).toHaveLength(3)
  })
})
