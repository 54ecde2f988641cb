import { refuse } from '#core/errors'
import { didYouMean, nearest } from '#core/internal/spelling'
import type { ProblemIssue } from '#core/problem'
import { scopeOf } from '#core/scope'
import { linksOf, type Page, type PageRequest } from '../page.ts'

/** What values of a parameter look like, and what they are in words. */
export type Forms = Readonly<Record<string, { readonly form: RegExp; readonly is: string }>>

export const idForm: RegExp = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

const pageForms: Forms = {
  limit: { form: /^0*[1-9]\d*$/, is: 'a whole number from 1' },
  after: { form: idForm, is: '`page.next` of another page' },
  before: { form: idForm, is: '`page.prev` of another page' },
}

/**
 * The page that a URL asks for. Elysia would drop parameters that its schema does not name: a misspelt one would be
 * a list that nobody asked for.
 *
 * @param filters parameters that the list takes beside those of its page
 * @throws {ProblemError} `KWIK_QUERY_INVALID` with everything that is wrong
 */
export function pageRequest(url: string, filters: Forms = {}): PageRequest {
  const { searchParams } = new URL(url)
  const forms = { ...pageForms, ...filters }
  const errors = [...new Set(searchParams.keys())].flatMap(
    (name) => issueOf(forms, name, searchParams.getAll(name)) ?? [],
  )
  if (searchParams.has('after') && searchParams.has('before'))
    errors.push({ code: 'not-allowed', detail: 'send after or before, not both', parameter: 'before' })
  if (errors.length > 0) throw refuse('KWIK_QUERY_INVALID', { detail: errors[0]!.detail, errors })
  const text = (name: string): string | undefined => searchParams.get(name)?.toLowerCase()
  const [limit, after, before] = [text('limit'), text('after'), text('before')]
  return {
    ...(limit !== undefined && { limit: Number(limit) }),
    ...(after !== undefined && { after }),
    ...(before !== undefined && { before }),
  }
}

function issueOf(forms: Forms, parameter: string, values: readonly string[]): ProblemIssue | undefined {
  const known = Object.hasOwn(forms, parameter) ? forms[parameter] : undefined
  if (known === undefined) {
    const suggestion = nearest(parameter, Object.keys(forms))
    const detail = `${parameter} is no parameter here${didYouMean(parameter, Object.keys(forms))}`
    const allowed = Object.keys(forms)
    return { code: 'unknown-parameter', detail, parameter, allowed, ...(suggestion !== undefined && { suggestion }) }
  }
  if (values.length > 1) return { code: 'repeated', detail: `${parameter} was sent more than once`, parameter }
  if (known.form.test(values[0]!)) return undefined
  return { code: 'wrong-format', detail: `${parameter} must be ${known.is}`, parameter }
}

/** The page as it is answered, its links beside it. */
export function withLinks<Row>(request: Request, page: Page<Row>): Page<Row> {
  const links = linksOf(request.url, page)
  if (links !== undefined) scopeOf(request).header('link', links)
  return page
}
