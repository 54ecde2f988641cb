/** What a client calls its file: the last part of a path, without what a header or a terminal could take for its own. */
export function cleanName(name: string): string | undefined {
  const last = name.split(/[/\\]/).at(-1)!
  const clean = last
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Bidi_Control}]/gu, '')
    .trim()
  const short = [...clean].slice(0, 200).join('')
  return short === '' || short === '.' || short === '..' ? undefined : short
}

/** A parameter of a Content-Disposition header: quoted, or a token. */
export function parameterOf(header: string, name: string): string | undefined {
  const found = new RegExp(`;\\s*${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]+))`, 'i').exec(header)
  return found?.[1]?.replaceAll(/\\(["\\])/g, '$1') ?? found?.[2]
}

/** The name of a file in a Content-Disposition header (RFC 6266, RFC 8187; RFC 7578 for forms). */
export function filenameIn(header: string | null): string | undefined {
  if (header === null) return undefined
  const extended = /;\s*filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i.exec(header)?.[1]
  const given = extended === undefined ? parameterOf(header, 'filename') : decoded(extended)
  return given === undefined ? undefined : cleanName(given)
}

/** `attachment; filename="gruesse.png"; filename*=UTF-8''gr%C3%BC%C3%9Fe.png`. */
export function dispositionOf(kind: 'inline' | 'attachment', filename: string): string {
  const plain = filename.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_')
  const said = `${kind}; filename="${plain}"`
  return plain === filename ? said : `${said}; filename*=UTF-8''${encoded(filename)}`
}

/** RFC 8187 allows fewer characters than encodeURIComponent leaves. Halves of a character cannot be encoded. */
const encoded = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replaceAll(
    /['()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  )

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
