import { readdirSync, readFileSync } from 'node:fs'

/** The text of a file; `undefined` where there is none, and an error with a reason that shows nothing of it. */
export function readText(path: string): string | Error | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = codeOf(error)
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : new Error(reasons[code] ?? code)
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
