import type { Redis } from '#core/ports/redis'
import { type Finding, finding } from '../codes.ts'
import { isNear } from '../near.ts'
import type { Check, Subject } from '../subject.ts'

const attempts = 20

/** Redis: whether it answers, keeps what it is given, and by which way. */
export const redis: Check = async (subject) => {
  const { services, options, production } = subject
  const connection = services?.redis
  if (options === undefined) return []
  const counts = options.rateLimit !== undefined || options.idempotency !== undefined
  if (connection === undefined)
    return production && counts ? [finding('redis-missing', 'redis', 'limits and keys are kept in memory')] : []
  const found: Finding[] = [...transport(subject)]
  const info = await infoOf(connection)
  if (info === undefined) return [...found, finding('redis-unreachable', 'redis', 'it does not answer')]
  const version = info.get('redis_version') ?? ''
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major < 6 || (major === 6 && minor < 2)) found.push(finding('redis-old', 'redis', `it is version ${version}`))
  const policy = info.get('maxmemory_policy')
  if (policy !== undefined && policy !== 'noeviction')
    found.push(finding('redis-evicts', 'redis', `maxmemory-policy is ${policy}`))
  return found
}

/** INFO is allowed where CONFIG is not, as with most who rent Redis out. */
async function infoOf(connection: Redis): Promise<ReadonlyMap<string, string> | undefined> {
  for (let i = 0; i < attempts; i++) {
    try {
      const text = String(await connection.run(['INFO', 'default']))
      return new Map([...text.matchAll(/^([a-z_]+):(.*?)\r?$/gm)].map(([, name, value]) => [name!, value!]))
    } catch {
      // The first connection may take longer than a command may.
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }
  return undefined
}

function transport({ options, settings, production }: Subject): readonly Finding[] {
  const url = typeof options?.redis === 'string' ? options.redis : settings?.current.redis?.url
  if (!production || typeof url !== 'string' || !URL.canParse(url)) return []
  const { protocol, hostname, password } = new URL(url)
  if (isNear(hostname)) return []
  return [
    ...(protocol === 'rediss:' ? [] : [finding('redis-no-tls', 'REDIS_URL', `${hostname} is another machine`)]),
    ...(password === '' ? [finding('redis-no-password', 'REDIS_URL', 'there is no password in it')] : []),
  ]
}
