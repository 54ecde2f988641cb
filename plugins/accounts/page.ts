/** Where a page begins. Lists are in the order in which rows were made: ids are UUID v7. */
export interface PageRequest {
  /** Rows on a page: 1 to 100, 20 when it is left out. */
  readonly limit?: number
  /** The id before the first one of the page. */
  readonly after?: string
  /** The id behind the last one of the page. */
  readonly before?: string
}

/** A page of users, or the one with an address. */
export interface UserRequest extends PageRequest {
  /** The whole address, in any of its spellings. */
  readonly email?: string
}

export interface Page<Row> {
  readonly data: readonly Row[]
  readonly page: { readonly limit: number; readonly next?: string; readonly prev?: string; readonly hasMore: boolean }
}

const most = 100

export const limitOf = ({ limit = 20 }: PageRequest): number => Math.min(limit, most)

/** A page of rows that were read in its direction, with one row more than it shows. */
export function pageOf<Row extends { readonly id: string }>(request: PageRequest, rows: readonly Row[]): Page<Row> {
  const limit = limitOf(request)
  const backwards = request.before !== undefined
  const shown = rows.slice(0, limit)
  if (backwards) shown.reverse()
  const more = rows.length > limit
  const hasNext = backwards || more
  const hasPrevious = backwards ? more : request.after !== undefined
  const [first, last] = [shown[0], shown.at(-1)]
  return {
    data: shown,
    page: {
      limit,
      ...(hasNext && last && { next: last.id }),
      ...(hasPrevious && first && { prev: first.id }),
      hasMore: more,
    },
  }
}

/** The Link header of a page (RFC 8288), relative to the request. */
export function linksOf(url: string, { page }: Page<unknown>): string | undefined {
  const { pathname, searchParams } = new URL(url)
  for (const name of ['limit', 'after', 'before']) searchParams.delete(name)
  const filters = searchParams.size > 0 ? `${searchParams}&` : ''
  const link = (rel: string, parameter: string, id: string | undefined) =>
    id === undefined ? [] : [`<${pathname}?${filters}limit=${page.limit}&${parameter}=${id}>; rel="${rel}"`]
  const links = [...link('next', 'after', page.next), ...link('prev', 'before', page.prev)]
  return links.length > 0 ? links.join(', ') : undefined
}
