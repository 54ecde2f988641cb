import { createHash } from 'node:crypto'
import { show } from './script.ts'
import { style } from './style.ts'

/** The page that shows the document: one file, no other host. Its policy lets in this script and this style alone. */
export function pageOf(title: string): { readonly html: string; readonly policy: string } {
  // The script is a function of ours, sent as its text: it is type-checked like any other code.
  const script = `(${show.toString()})()`
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<a class="skip" href="#operations">Skip to the operations</a>
<div id="app"><p class="status" role="status">Loading the document…</p></div>
<noscript><p class="status">This page needs JavaScript. The document itself is at <code>json</code> below this path.</p></noscript>
<script>${script}</script>
</body>
</html>
`
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  return { html, policy }
}

const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`

const escaped = (text: string): string => text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`)
