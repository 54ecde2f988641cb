#!/usr/bin/env bun
import { start } from './program.ts'

await start(process.argv.slice(2))
