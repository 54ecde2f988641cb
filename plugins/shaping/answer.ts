import { tagAnswer } from './etag.ts'
import type { Parts } from './listing.ts'
import type { Page } from './types.ts'

/** A page as its route answers it: in its envelope or without, with a tag where the list has one. */
export function answerOf<Row>({ model: { declaration }, scope }: Parts, page: Page<Row>): Page<Row> {
  const { envelope = true, etag = false } = declaration
  if (etag) tagAnswer(scope)
  if (envelope) return page
  const { count } = page.page
  if (count) scope.header('total-count', `${count.value}${count.exact ? '' : '+'}`)
  return page.data as never
}
