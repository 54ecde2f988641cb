import type * as Bun from 'bun:test'

/**
 * The same words over bun:test, and over node:test with @vitest/expect elsewhere, so that a test file runs on Bun and
 * on Deno. Tests import them from `#test`.
 */
type Words = Pick<typeof Bun, 'afterAll' | 'afterEach' | 'beforeAll' | 'beforeEach' | 'describe' | 'expect' | 'test'>

const words: Words = 'Bun' in globalThis ? await import('bun:test') : (await import('./harness-node.ts')).words

export const afterAll: Words['afterAll'] = words.afterAll
export const afterEach: Words['afterEach'] = words.afterEach
export const beforeAll: Words['beforeAll'] = words.beforeAll
export const beforeEach: Words['beforeEach'] = words.beforeEach
export const describe: Words['describe'] = words.describe
export const expect: Words['expect'] = words.expect
export const test: Words['test'] = words.test

/** Waits. @param ms milliseconds */
export const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))
