#!/usr/bin/env bun
/**
 * Counts reads that are stale although the write before them had been answered, where a local copy is ended by RESP3
 * tracking alone: `bun test/performance/tracking.ts [writes]`. Another process has the copy, and is asked over HTTP as
 * soon as Redis has answered the write.
 */
import { createClient } from 'redis'

const url = process.env['KWIK_TEST_REDIS'] ?? 'redis://127.0.0.1:6379'
const [role = '2000', key = `kwik-tracking:${crypto.randomUUID()}`] = process.argv.slice(2)

if (role === 'reader') {
  const client = await createClient({ url, RESP: 3, clientSideCache: { ttl: 0, maxEntries: 10, evictPolicy: 'LRU' } })
    .on('error', () => {})
    .connect()
  const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: async () => new Response(await client.get(key)) })
  console.log(server.port)
} else {
  const writes = Number(role)
  const reader = Bun.spawn(['bun', import.meta.path, 'reader', key], { stdout: 'pipe' })
  const { value } = await reader.stdout.getReader().read()
  const base = `http://127.0.0.1:${new TextDecoder().decode(value).trim()}`
  const client = await createClient({ url }).connect()
  let stale = 0
  for (let written = 1; written <= writes; written++) {
    await client.set(key, String(written))
    if ((await (await fetch(base)).text()) !== String(written)) stale++
    // So that the copy is there, and the next write ends it.
    await (await fetch(base)).text()
  }
  console.log(`${stale} of ${writes} reads after an answered write were stale`)
  await client.del(key)
  client.destroy()
  reader.kill()
}
