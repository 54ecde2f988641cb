import { describe, expect, test } from '#test'
import { namesOf } from '../../cli/generate/names.ts'

describe('the name of a resource', () => {
  test.each([
    ['product', 'product', 'products', 'product'],
    ['Product', 'product', 'products', 'product'],
    ['products', 'product', 'products', 'product'],
    ['product-line', 'productLine', 'productLines', 'product-line'],
    ['ProductLine', 'productLine', 'productLines', 'product-line'],
    ['product_lines', 'productLine', 'productLines', 'product-line'],
    ['news', 'news', 'news', 'news'],
    ['person', 'person', 'people', 'person'],
    ['people', 'person', 'people', 'person'],
    ['class', 'class', 'classes', 'class'],
    ['classes', 'class', 'classes', 'class'],
    ['category', 'category', 'categories', 'category'],
    ['categories', 'category', 'categories', 'category'],
    ['status', 'status', 'statuses', 'status'],
    ['statuses', 'status', 'statuses', 'status'],
    ['house', 'house', 'houses', 'house'],
    ['houses', 'house', 'houses', 'house'],
    ['database', 'database', 'databases', 'database'],
    ['databases', 'database', 'databases', 'database'],
    ['size', 'size', 'sizes', 'size'],
    ['sizes', 'size', 'sizes', 'size'],
    ['analysis', 'analysis', 'analyses', 'analysis'],
    ['salesPerson', 'salesPerson', 'salesPeople', 'sales-person'],
    ['day', 'day', 'days', 'day'],
    ['box', 'box', 'boxes', 'box'],
    ['APIClient', 'apiClient', 'apiClients', 'api-client'],
  ])('%s is one %s and many %s, in the folder %s', (input, one, many, folder) => {
    expect(namesOf(input)).toMatchObject({ one, many, folder })
  })

  test('gives path, table and types their forms', () => {
    expect(namesOf('productLine')).toMatchObject({
      path: 'product-lines',
      table: 'product_lines',
      One: 'ProductLine',
      Many: 'ProductLines',
      words: 'product line',
    })
  })

  test('takes the plural that it is told', () => {
    expect(namesOf('cactus', 'cacti')).toMatchObject({ one: 'cactus', many: 'cacti', table: 'cacti' })
  })

  test('refuses a plural that is taken', () => {
    expect(() => namesOf('person', 'users')).toThrow('"person" is taken: Kwik serves /users itself')
  })

  test.each(['constructor', 'toString', 'valueOf'])('has no word for %s from elsewhere', (input) => {
    expect(namesOf(input)).toMatchObject({ one: input, many: `${input}s` })
  })

  test.each([
    ['../x', '"../x" is a path'],
    ['a/b', '"a/b" is a path'],
    ['日本', '"日本" is no name for a resource'],
    ['1st', '"1st" is no name for a resource'],
    ['', '"" is no name for a resource'],
    ['users', '"users" is taken: Kwik serves /users itself'],
    ['auth', '"auth" is taken: Kwik serves /auth itself'],
    ['health', '"health" is taken: Kwik serves /health itself'],
    ['permission', '"permission" is taken: a part of Kwik has that name'],
    ['user-role', '"user-role" is taken: accounts have the table user_roles'],
    ['index', '"index" is taken'],
  ])('refuses %s', (input, message) => {
    expect(() => namesOf(input)).toThrow(message)
  })
})
