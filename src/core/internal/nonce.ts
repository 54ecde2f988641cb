import type { Scope } from '../scope.ts'

/**
 * The nonce of a request's answer, made when first asked for: `<script nonce="...">`.
 * The headers plugin then names it in the answer's Content-Security-Policy (CSP Level 3), and the answer is not stored.
 */
export function nonceOf(scope: Scope): string {
  scope.nonce ??= btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(18))))
  return scope.nonce
}
