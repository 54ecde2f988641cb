import type { App } from '../boot.ts'
import { addressIn, inRanges, type Ranges } from './address.ts'

/** Who is at the other end of the line. */
export interface Client {
  readonly address: string | undefined
  readonly secure: boolean
}

/** The peer of the socket or, where that is a trusted proxy, the client it speaks for. */
export function clientOf(request: Request, app: App | undefined): Client {
  const peer = peerOf(request, app)
  const proxies = app?.core.proxies
  if (peer === undefined || proxies === undefined || !inRanges(proxies, peer)) return { address: peer, secure: false }
  const { headers } = request
  return { address: forwardedFor(headers, peer, proxies), secure: forwardedProtocol(headers) === 'https' }
}

/** Whether the request came through a reverse proxy that is believed. */
export function hasTrustedPeer(request: Request, app: App | undefined): boolean {
  const proxies = app?.core.proxies
  const peer = proxies && peerOf(request, app)
  return peer !== undefined && inRanges(proxies!, peer)
}

interface Peers {
  requestIP?(request: Request): { readonly address: string } | null
}

function peerOf(request: Request, app: App | undefined): string | undefined {
  const server = app?.root.server as Peers | null | undefined
  const address = server?.requestIP?.(request)?.address
  if (address === undefined || !address.includes(':')) return address
  return addressIn(address)
}

/**
 * Both headers, `Forwarded` (RFC 7239) and `X-Forwarded-For`, read from the right: what a client wrote itself is on the left.
 * A proxy writes one of them and passes the other on untouched, so where they differ neither is believed.
 */
function forwardedFor(headers: Headers, peer: string, proxies: Ranges): string {
  const forwarded = headers.get('forwarded')
  const list = headers.get('x-forwarded-for')
  const standard = forwarded === null ? undefined : nearestStranger(forwarded, peer, proxies, parameterOf('for'))
  const usual = list === null ? undefined : nearestStranger(list, peer, proxies, (entry) => entry)
  if (standard !== undefined && usual !== undefined) return standard === usual ? usual : peer
  return standard ?? usual ?? peer
}

/** More hops than this no honest request has. */
const mostHops = 32

function nearestStranger(
  list: string,
  peer: string,
  proxies: Ranges,
  read: (entry: string) => string | undefined,
): string {
  let last = peer
  let end = list.length
  for (let hop = 0; hop < mostHops && end > 0; hop++) {
    const comma = list.lastIndexOf(',', end - 1)
    const address = addressIn(read(list.slice(comma + 1, end)) ?? '')
    // `unknown` and `_hidden` say nothing of who is behind: the proxy that wrote it answers for them.
    if (address === undefined) return last
    if (!inRanges(proxies, address)) return address
    last = address
    end = comma
  }
  return last
}

/** Values with a comma inside quotes do not occur in addresses and protocols. */
export const parameterOf =
  (name: string) =>
  (entry: string): string | undefined =>
    new RegExp(`(?:^|;)\\s*${name}\\s*=\\s*"?([^";]*)"?`, 'i').exec(entry)?.[1]

function forwardedProtocol(headers: Headers): string | undefined {
  const usual = headers.get('x-forwarded-proto') ?? undefined
  const text = usual ?? headers.get('forwarded') ?? ''
  const nearest = text.slice(text.lastIndexOf(',') + 1)
  return (usual === undefined ? parameterOf('proto')(nearest) : nearest)?.trim().toLowerCase()
}
