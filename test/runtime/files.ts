/** The tests that run on Deno too: core, contracts and what of the plugins is not Bun's alone. */
export const files: readonly string[] = ['test/core/forms.test.ts']
