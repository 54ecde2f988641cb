import { openRedis } from '#core/adapters/redis'
import { serveCached } from './w5-kwik.ts'

/** Over Redis, with local copies. */
const redis = openRedis({ url: process.env['KWIK_TEST_REDIS'] ?? 'redis://127.0.0.1:6379', prefix: 'kwik-w5:' })
serveCached({ redis })
