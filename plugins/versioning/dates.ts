/** A day, or a moment, in milliseconds. @throws {TypeError} for anything else */
export function momentOf(text: string, where: string): number {
  const moment = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN
  const day = text.slice(0, 10)
  // The 31st of February would be a day of March.
  if (Number.isNaN(moment) || new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) !== day)
    throw new TypeError(`${where}: "${text}" is no day such as '2026-09-01'`)
  return moment
}

/** From and to, in milliseconds. */
export interface Window {
  readonly from: number
  readonly to: number
}

const duration = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/

/** An interval of ISO 8601: `2027-01-15T10:00Z/PT1H`, or with a moment for its end. @throws {TypeError} for anything else */
export function windowOf(text: string, where: string): Window {
  const [start = '', end = ''] = text.split('/')
  const from = momentOf(start, where)
  const found = duration.exec(end)
  const [days, hours, minutes, seconds] = (found ?? []).slice(1).map((one) => Number(one ?? 0))
  if (!found && end.startsWith('P'))
    throw new TypeError(`${where}: "${end}" is no length such as 'PT90M', 'PT1H' or 'P2D'`)
  const to = found ? from + (((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!) * 1000 : momentOf(end, where)
  if (to <= from) throw new TypeError(`${where}: "${text}" ends before it begins: write '2027-01-15T10:00Z/PT1H'`)
  return { from, to }
}

/** `@1767225600` (RFC 9745). */
export const structuredDate = (moment: number): string => `@${Math.floor(moment / 1000)}`
/** `Mon, 01 Mar 2027 00:00:00 GMT` (RFC 9110, 5.6.7). */
export const httpDate = (moment: number): string => new Date(moment).toUTCString()
