import { migrate, openDatabase } from '../../../../plugins/database/index.ts'

const [url = '', folder = ''] = process.argv.slice(2)
const db = openDatabase({ url })
console.log(JSON.stringify(await migrate(db, { folder })))
await db.close()
