import { dirname, join } from 'node:path'
import process from 'node:process'

/** Where a single binary of Bun has its modules: a disk that is not there. */
const inside = /^(?:\/\$bunfs|[A-Z]:[\\/]~BUN)(?:[\\/]root)?(?=[\\/]|$)[\\/]?/i

/**
 * A folder that code names beside itself, by `import.meta.dirname`. In a single binary that leads nowhere: the folder
 * of the same name beside the binary is meant, where `kwik build --binary` puts it.
 */
export const besideBinary = (folder: string, binary: string = process.execPath): string =>
  inside.test(folder) ? join(dirname(binary), folder.replace(inside, '')) : folder
