#!/usr/bin/env bun
/**
 * Runs the tests that must hold on Deno: `bun run test:deno [file...]`.
 */
import { join } from 'node:path'
import { denoFiles } from './files.ts'

const root: string = join(import.meta.dir, '../..')
const given: readonly string[] = process.argv.slice(2)
const args: readonly string[] = [
  'test',
  '--allow-all',
  // Types are checked once, by `bun run check`.
  '--no-check',
  // Bun owns node_modules.
  '--node-modules-dir=manual',
  '--no-lock',
  ...(given.length > 0 ? given : denoFiles(root)),
]
const child = Bun.spawn([join(root, 'node_modules/.bin/deno'), ...args], {
  cwd: root,
  env: { ...process.env, NO_COLOR: '1', DATABASE_URL: '', REDIS_URL: '' },
  stdio: ['ignore', 'inherit', 'inherit'],
})
process.exit(await child.exited)
