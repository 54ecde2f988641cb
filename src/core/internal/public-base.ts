import type { App } from '../boot.ts'
import { hasTrustedPeer, parameterOf } from './client.ts'

const host = /^(?:[a-z\d](?:[a-z\d.-]*[a-z\d])?|\[[\da-f:.]+\])(?::\d{1,5})?$/i
const prefix = /^(?:\/[\w\-.~!$&'()*+,;=:@%]+)+$/
const longest = 255

/**
 * What stands before a path for clients: `https://api.example.com/shop` where a trusted proxy says scheme and host, and
 * the prefix that it takes away; `/shop` where it says the prefix alone; else nothing. A Host header is never believed.
 */
export function publicBaseOf(request: Request, app: App | undefined): string {
  if (!hasTrustedPeer(request, app)) return ''
  const { headers } = request
  const scheme = said(headers, 'x-forwarded-proto', 'proto')?.toLowerCase()
  const name = said(headers, 'x-forwarded-host', 'host')
  const under = nearest(headers.get('x-forwarded-prefix'))?.replace(/\/+$/, '') ?? ''
  const path = under.length <= longest && prefix.test(under) ? under : ''
  const isWhole = (scheme === 'https' || scheme === 'http') && name !== undefined && fits(name)
  return isWhole ? `${scheme}://${name.toLowerCase()}${path}` : path
}

const fits = (name: string): boolean => name.length <= longest && host.test(name)

/** What the nearest proxy wrote is on the right: what a client wrote itself is on the left. */
const nearest = (list: string | null): string | undefined => list?.slice(list.lastIndexOf(',') + 1).trim()

/** Of the usual header and of `Forwarded` (RFC 7239). Where they differ one was passed on untouched, and neither is believed. */
function said(headers: Headers, usual: string, parameter: string): string | undefined {
  const one = nearest(headers.get(usual))
  const other = parameterOf(parameter)(nearest(headers.get('forwarded')) ?? '')
  if (one !== undefined && other !== undefined && one.toLowerCase() !== other.toLowerCase()) return undefined
  return one ?? other
}
