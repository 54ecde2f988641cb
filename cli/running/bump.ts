import { Elysia } from 'elysia'
import { servicesOf } from '../../src/services.ts'
import { CliFailure } from '../failure.ts'
import { exported, findProject } from '../project.ts'

/** Tells all processes of the app that what they believe of accounts is over. */
export async function bump(): Promise<void> {
  const platform = await exported(findProject(), 'src/platform.ts', 'platform', (value) => value instanceof Elysia)
  const { accounts, database, redis } = servicesOf(platform)
  if (!accounts) throw new CliFailure('the app has no accounts: kwik({ accounts }) in src/platform.ts')
  try {
    await accounts.forget()
  } finally {
    await database?.close()
    await redis?.close()
  }
  process.stdout.write('told    every process reads anew what everybody may do\n')
}
