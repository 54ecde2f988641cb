import { join } from 'node:path'
import { migrate } from 'kwik/database'
import { app } from './app.ts'
import { database } from './database.ts'
import { settings } from './settings.ts'

await migrate(database, { folder: join(import.meta.dirname, '../migrations') })

const { port, host: hostname } = settings.current.server
app.listen({ port, hostname }, (server) => {
  if (settings.profile === 'development') console.log(`http://localhost:${server.port}/openapi`)
})
