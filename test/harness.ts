/** The same words over bun:test and node:test, so that a test file runs on Bun and on Deno. */
export { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
