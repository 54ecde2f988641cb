import { type Duration, milliseconds } from '#core/internal/duration'
import { apiPolicy, docsPolicy, policyText } from './csp.ts'
import type { HeaderValues, HstsOptions, Profile } from './options.ts'

type Headers = ReadonlyMap<string, string>

/** After OWASP's secure headers project: what browsers need to be told of answers that are data. */
const common = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
}
const profiles: Readonly<Record<Profile, Headers>> = {
  api: new Map(Object.entries({ 'content-security-policy': apiPolicy, ...common })),
  docs: new Map(Object.entries({ 'content-security-policy': docsPolicy, ...common })),
}

export function profileOf(name: Profile): Headers {
  const profile = profiles[name]
  if (!profile) throw new TypeError(`"${name}" is no profile of headers: 'api' or 'docs'`)
  return profile
}

/** A profile with single headers changed. @throws {TypeError} for a name or a value that cannot be sent */
export function changed(headers: Headers, values: HeaderValues): Headers {
  const all = new Map(headers)
  for (const [given, value] of Object.entries(values)) {
    const name = checkedName(given)
    if (value === false) all.delete(name)
    else all.set(name, checkedValue(name, typeof value === 'string' ? value : policyOf(name, value)))
  }
  return all
}

function policyOf(name: string, value: Exclude<HeaderValues[string], string | false>): string {
  if (!name.startsWith('content-security-policy') || typeof value !== 'object' || value === null)
    throw new TypeError(`the header ${name} must be a text or false`)
  return policyText(value)
}

/** RFC 9110, section 5.1: a field name is a token. */
export function checkedName(name: string): string {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) throw new TypeError(`${JSON.stringify(name)} is no name of a header`)
  return name.toLowerCase()
}

/** Section 5.5: visible characters, spaces and tabs. A comma would make two policies of one. */
function checkedValue(name: string, value: string): string {
  if (!/^[\t\x20-\x7e]*$/.test(value)) throw new TypeError(`the header ${name} has a character that cannot be sent`)
  if (name.startsWith('content-security-policy') && value.includes(','))
    throw new TypeError(`the header ${name} has a comma: that begins another policy`)
  return value
}

const aYear = 31_536_000
const twoYears: Duration = '730d'

/** @throws {TypeError} for a preload that the browsers' list would not take (https://hstspreload.org) */
export function hstsValue({ maxAge = twoYears, includeSubDomains = true, preload = false }: HstsOptions): string {
  const seconds = Math.round(milliseconds(maxAge) / 1000)
  if (preload && (!includeSubDomains || seconds < aYear))
    throw new TypeError('hsts: preload needs includeSubDomains and a maxAge of a year at least')
  return `max-age=${seconds}${includeSubDomains ? '; includeSubDomains' : ''}${preload ? '; preload' : ''}`
}
