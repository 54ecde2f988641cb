import { rangesOf } from '#core/internal/address'
import { type Finding, finding } from '../codes.ts'
import type { Check } from '../subject.ts'

/** How the app stands in the network: hosts, proxies, TLS to browsers. */
export const network: Check = ({ options, production }) => {
  if (options === undefined) return []
  const found: Finding[] = [...wideProxies(options.trustedProxies ?? [])]
  if (!production) return found
  const { headers } = options
  if (headers === false) found.push(finding('headers-off', 'headers', 'it is false'))
  else {
    if (headers?.hsts === false) found.push(finding('hsts-off', 'headers.hsts', 'it is false'))
    if (headers?.hosts === undefined) found.push(finding('hosts-missing', 'headers.hosts', 'there is no list'))
  }
  if ((options.trustedProxies ?? []).length === 0)
    found.push(finding('proxies-missing', 'trustedProxies', 'no proxy is named'))
  return found
}

/** More than one network of one company has. */
const widest = { 4: 8, 16: 16 }

function wideProxies(proxies: readonly string[]): readonly Finding[] {
  return proxies.flatMap((proxy) => {
    const [range] = rangesOf([proxy])
    const { bytes, bits } = range!
    const isWide = bits < widest[bytes.length as 4 | 16]
    return isWide ? [finding('proxies-wide', 'trustedProxies', `${proxy} has clients in it`)] : []
  })
}
