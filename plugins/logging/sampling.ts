/** Which part of the access lines of some requests is written. */
export interface SampleRule {
  /** Pattern of the route, with its method or without: `/health/live`, `GET /products`; a `*` at the end stands for what follows. @default every route */
  readonly route?: string
  /** A status, or the hundred it is in: `200`, `'2xx'`. @default every status */
  readonly status?: number | `${1 | 2 | 3 | 4}xx`
  /** From 0, none, to 1, all. Errors from 500 on, answers that broke off and slow requests are written all the same. */
  readonly rate: number
}

/** @returns the part that lines like this one are written in, when this one is; `undefined` when it is not */
export type Sampling = (route: string, method: string, status: number) => number | undefined

/**
 * Counts rather than throws dice: of ten lines at 0.2 exactly two are written.
 * @throws {TypeError} for a rate that is none
 */
export function samplingOf(rules: readonly SampleRule[]): Sampling {
  const all = rules.map((rule, at) => {
    if (!(rule.rate >= 0 && rule.rate <= 1))
      throw new TypeError(`logging: sample[${at}].rate is a number from 0 to 1, not ${rule.rate}`)
    return { fits: fitting(rule), rate: rule.rate, owed: 0 }
  })
  return (route, method, status) => {
    const rule = all.find(({ fits }) => fits(route, method, status))
    if (rule === undefined) return 1
    rule.owed += rule.rate
    // Sums of fractions fall short of the whole by a hair.
    if (rule.owed < 1 - 1e-9) return undefined
    rule.owed -= 1
    return rule.rate
  }
}

function fitting({ route, status }: SampleRule): (route: string, method: string, status: number) => boolean {
  const [, method, path = ''] = /^(?:([A-Z]+) )?(.*)$/.exec(route ?? '') ?? []
  const start = path.endsWith('*') ? path.slice(0, -1) : undefined
  const isRoute = (at: string): boolean =>
    route === undefined || (start === undefined ? at === path : at.startsWith(start))
  const hundred = typeof status === 'string' ? Number(status[0]) : undefined
  const isStatus = (code: number): boolean =>
    status === undefined || (hundred === undefined ? code === status : Math.floor(code / 100) === hundred)
  return (at, by, code) => isRoute(at) && (method === undefined || method === by) && isStatus(code)
}
