import { refuse } from '#core/errors'
import { didYouMean, nearest } from '#core/internal/spelling'
import { scopeOf } from '#core/scope'
import { linksOf, type Page } from '../page.ts'

const known = ['limit', 'after', 'before']

/**
 * Elysia drops parameters that its schema does not name: a misspelt one would be a list that is not what was asked for.
 * @throws {ProblemError} `KWIK_QUERY_INVALID`
 */
export function checkParameters(url: string): void {
  const { searchParams } = new URL(url)
  const errors = [...new Set(searchParams.keys())].flatMap((name) => {
    if (known.includes(name)) return []
    const suggestion = nearest(name, known)
    const detail = `${name} is no parameter here${didYouMean(name, known)}`
    return [{ code: 'unknown-parameter', detail, parameter: name, ...(suggestion !== undefined && { suggestion }) }]
  })
  if (searchParams.has('after') && searchParams.has('before'))
    errors.push({ code: 'not-allowed', detail: 'send after or before, not both', parameter: 'before' })
  if (errors.length > 0) throw refuse('KWIK_QUERY_INVALID', { detail: errors[0]!.detail, errors })
}

/** The page as it is answered, its links beside it. */
export function withLinks<Row>(request: Request, page: Page<Row>): Page<Row> {
  const links = linksOf(request.url, page)
  if (links !== undefined) scopeOf(request).header('link', links)
  return page
}
