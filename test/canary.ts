import { mark } from '../tools/planted.ts'

/** What a planted secret begins with: no output may have even that. */
export { mark }

/** The secret that tests plant, long enough to be one. `tools/test.ts` looks for it in all that the suite writes. */
export const canary: string = `${mark}4711${'0123456789'.repeat(3)}`
