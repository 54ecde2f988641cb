#!/usr/bin/env node
import { create } from './app.ts'
import { Refusal } from './refusal.ts'

try {
  await create(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = error.exitCode
}
