import { indexName, short } from '#core/table/index-name'
import { expect, test } from '#test'

test('names of indexes fit PostgreSQL, and long ones stay apart', () => {
  expect(indexName('products', ['status', 'created_at'])).toBe('products_status_created_at_index')
  expect(indexName('products', ['sku'], 'unique')).toBe('products_sku_unique')
  const columns = ['a_rather_long_column', 'another_long_column', 'and_one_more_of_them']
  const [one, other] = [indexName('products', columns), indexName('products', [...columns, 'x'])]
  expect([one.length <= 63, other.length <= 63, one === other]).toEqual([true, true, false])
  expect(short('x'.repeat(63))).toBe('x'.repeat(63))
})
