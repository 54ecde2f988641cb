import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Refusal } from './refusal.ts'

/**
 * Looks whether an app may be made in a folder: it is not there, or empty but for `.git`.
 *
 * @returns whether the folder is there
 * @throws {Refusal} when it has files, or is one
 */
export async function isFree(folder: string): Promise<boolean> {
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new Refusal(`${folder} cannot be used: ${error.code}`)
  })
  if (!found) return false
  if (!found.isDirectory()) throw new Refusal(`${folder} is a file: choose another name`)
  const files = (await readdir(folder)).filter((name) => name !== '.git')
  if (files.length === 0) return true
  const many = files.length === 1 ? `1 file (${files[0]})` : `${files.length} files`
  throw new Refusal(`directory ${folder} has ${many}: choose an empty folder or another name`)
}

/** The folder beside the wanted one in which an app is put together, so that it appears whole or not at all. */
export function stagingOf(folder: string): string {
  return join(dirname(folder), `.${basename(folder)}.kwik-${process.pid}`)
}

/** Moves what was put together to where it belongs. */
export async function moveInto(staging: string, folder: string, exists: boolean): Promise<void> {
  if (!exists) {
    await mkdir(dirname(folder), { recursive: true })
    await rename(staging, folder)
    return
  }
  for (const name of await readdir(staging)) await rename(join(staging, name), join(folder, name))
  await rm(staging, { recursive: true, force: true })
}

/** Takes an app away again: all of a folder that we made, and only our own files from one that was there. */
export async function takeBack(folder: string, existed: boolean): Promise<void> {
  if (!existed) return rm(folder, { recursive: true, force: true })
  for (const name of await readdir(folder)) {
    if (name !== '.git') await rm(join(folder, name), { recursive: true, force: true })
  }
}
