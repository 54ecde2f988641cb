import { defaultBodyLimit } from '#core/boot'
import { type Duration, milliseconds } from '#core/internal/duration'
import { type Finding, finding } from '../codes.ts'
import type { Check } from '../subject.ts'

const widestBody = 10 * defaultBodyLimit
const longest = 120_000

/** How much one request may ask for, and what is open without a word. */
export const limits: Check = ({ options, routes }) => {
  if (options === undefined) return []
  const found: Finding[] = []
  const { bodyLimit = defaultBodyLimit, timeout = '30s' } = options
  if (bodyLimit > widestBody) found.push(finding('body-limit-wide', 'bodyLimit', `${bodyLimit} bytes, for every route`))
  if (isLong(timeout)) found.push(finding('timeout-wide', 'timeout', `${timeout}, for every route`))
  if (options.strict === false) {
    const open = routes
      .filter(({ options: words, said }) => !words['public'] && !words['auth'] && !said['permission']?.some(Boolean))
      .map(({ method, path }) => `${method} ${path}`)
    if (open.length > 0) found.push(finding('routes-undeclared', 'strict: false', open.join(', ')))
  }
  return found
}

/** No time at all is no limit. */
const isLong = (timeout: Duration): boolean => {
  const ms = milliseconds(timeout)
  return ms === 0 || ms > longest
}
