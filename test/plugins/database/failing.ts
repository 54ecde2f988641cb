/** What it is refused with, to be looked at. */
export const failing = async (run: () => Promise<unknown>): Promise<unknown> => {
  try {
    await run()
  } catch (error) {
    return error
  }
  throw new Error('expected a failure')
}
