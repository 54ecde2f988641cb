import { accessSync, constants, statSync } from 'node:fs'
import { ElysiaFile } from 'elysia'
import { refuse } from '../errors.ts'

const bun = (globalThis as { Bun?: { readonly embeddedFiles: readonly { readonly name?: string }[] } }).Bun

/** What the system says of a name that leads to no file. */
const notThere: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP'])

/**
 * Sees to it that a file of Bun's can be sent: Bun opens it when the answer has left Kwik, and would answer a page of its
 * own, under a status that no line, span or number knows. What has no path, or is in memory, is not looked for.
 *
 * @throws {ProblemError} 404 when it is not there; what the system says when it may not be read
 */
export function seeFile(answer: object): void {
  const file = answer instanceof ElysiaFile ? (answer.value as unknown) : answer
  if (bun === undefined || !(file instanceof Blob) || file instanceof File) return
  const { name } = file as { readonly name?: string }
  if (name === undefined) return
  try {
    // Without waiting, as Elysia asks for its size in a moment.
    accessSync(name, constants.R_OK)
    if (!statSync(name).isDirectory()) return
  } catch (error) {
    // A file that the executable holds is known by its name alone, and one in S3 has no size before it is asked for.
    if (bun.embeddedFiles.some((one) => one.name === name) || Number.isNaN(file.size)) return
    if (!notThere.has((error as { code?: unknown }).code)) throw error
  }
  throw refuse('KWIK_NOT_FOUND')
}
