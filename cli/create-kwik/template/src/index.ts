import { join } from 'node:path'
import { migrate } from 'kwik/database'
import { app } from './app.ts'
import { database } from './database.ts'
import { settings } from './settings.ts'

await migrate(database, { folder: join(import.meta.dirname, '../migrations') })

const { port, host: hostname } = settings.current.server
// A port that is taken is an error: Elysia would share it with the program that has it.
app.listen({ port, hostname, reusePort: false }, (server) => {
  if (settings.profile === 'development') console.log(`http://localhost:${server.port}/openapi`)
})
