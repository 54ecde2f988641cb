/**
 * What every secret that tests plant begins with: `test/canary.ts`. It stands in no source, since excerpts of sources and names of tests
 * are written too.
 */
export const mark: string = ['cAn', 'ArY'].join('')

/** Lines of what a part of the suite wrote that have a planted secret in them: something that should mask it did not. */
export const plantedIn = (output: string): readonly string[] => {
  const forms = [mark, Buffer.from(mark).toString('base64')]
  return output.split(/\r?\n/).filter((line) => forms.some((form) => line.includes(form)))
}
