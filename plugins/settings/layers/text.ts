import { readdirSync, readFileSync } from 'node:fs'

/** Bytes that are no text would load as signs that nobody wrote. A byte order mark is left to those who know the format. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text of a file; `undefined` where there is none, and an error with a reason that shows nothing of it. */
export function readText(path: string): string | Error | undefined {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (error) {
    const code = codeOf(error)
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : new Error(reasons[code] ?? code)
  }
  try {
    return utf8.decode(bytes)
  } catch {
    return new Error('the file is not UTF-8')
  }
}

/** The names in a folder, sorted; none where there is no such folder or it cannot be read. */
export function namesInFolder(path: string): string[] {
  try {
    return readdirSync(path).sort()
  } catch {
    return []
  }
}

const codeOf = (error: unknown): string => String((error as { code?: unknown }).code)

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  EISDIR: 'it is a folder',
}
