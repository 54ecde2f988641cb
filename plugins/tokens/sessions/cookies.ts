import type { Scope } from '#core/scope'

/** `__Host-`: the browser takes it only with Secure, for this host alone and the whole of it (RFC 6265bis, 4.1.3.2). */
export const accessCookie = '__Host-kwik'
/** Not `__Host-`, which would need Path=/: this one is to be sent to the refresh route and nowhere else. */
export const refreshCookie = '__Secure-kwik-refresh'
export const refreshRoute = '/auth/refresh'

/** Longest Cookie header that is looked at. */
const longest = 16_384

/** The value of a cookie; `undefined` when there is none, or more than one: which of them is meant, nobody can know. */
export function cookieOf({ headers }: Request, name: string): string | undefined {
  const header = headers.get('cookie')
  if (header === null || header.length > longest || !header.includes(name)) return undefined
  const values = header.split(';').flatMap((pair) => {
    const at = pair.indexOf('=')
    return pair.slice(0, at).trim() === name ? [pair.slice(at + 1).trim()] : []
  })
  return values.length === 1 ? values[0] : undefined
}

/** @param seconds for which the browser keeps it: as long as the session may live, so that logging out works later too */
export function setAccessCookie(scope: Scope, token: string, seconds: number): void {
  scope.cookie(`${accessCookie}=${token}; Max-Age=${seconds}; Path=/; HttpOnly; Secure; SameSite=Lax`)
}

export function setRefreshCookie(scope: Scope, token: string, seconds: number): void {
  const path = refreshPathOf(scope)
  scope.cookie(`${refreshCookie}=${token}; Max-Age=${seconds}; Path=${path}; HttpOnly; Secure; SameSite=Strict`)
}

export function clearCookies(scope: Scope): void {
  setAccessCookie(scope, '', 0)
  setRefreshCookie(scope, '', 0)
}

/** The refresh route as the browser sees it: below the app's prefix, and below one that a trusted proxy takes away. */
function refreshPathOf({ publicBase, app }: Scope): string {
  const under = publicBase.startsWith('/') ? publicBase : publicBase === '' ? '' : new URL(publicBase).pathname
  return `${under.replace(/\/$/, '')}${app?.root.config.prefix ?? ''}${refreshRoute}`
}
