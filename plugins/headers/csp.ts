import type { CspDirectives } from './options.ts'

/** Content-Security-Policy of answers that are data: nothing may be loaded, and nobody may frame them. */
export const apiPolicy: string = "default-src 'none'; frame-ancestors 'none'"

/** Of pages: scripts with the answer's nonce and what those load, styles and images. */
export const docsPolicy: string = [
  "default-src 'none'",
  "script-src 'nonce-{nonce}' 'strict-dynamic'",
  "style-src 'self' 'unsafe-inline' https:",
  "img-src 'self' data: https:",
  "font-src 'self' data: https:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const directiveForm = /^[a-z][a-z-]*$/

/**
 * The text of a policy.
 * @throws {TypeError} for a source with `;`, `,` or white space: it would begin another directive
 * @see https://www.w3.org/TR/CSP3/#framework-directives
 */
export function policyText(directives: CspDirectives): string {
  return Object.entries(directives)
    .map(([name, sources]) => {
      if (!directiveForm.test(name)) throw new TypeError(`"${name}" is no directive of a Content-Security-Policy`)
      for (const source of sources)
        if (!/^[^\s;,]+$/.test(source))
          throw new TypeError(`Content-Security-Policy, ${name}: ${JSON.stringify(source)} is no single source`)
      return [name, ...sources].join(' ')
    })
    .join('; ')
}
