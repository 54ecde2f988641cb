import { describe, expect, test } from '#test'
import { createTables, openDatabase } from '../../../../plugins/database/index.ts'
import { type OtherProgram, withOtherProgram } from '../../../fixtures/other-program.ts'
import { inFolder } from '../../../services.ts'
import { House, sessionIdOf, tables } from './house.ts'

type Act = (other: OtherProgram, session: string) => Promise<unknown>

const revoke: Act = (other, session) => other.run(`update sessions set revoked_at = 1 where id = '${session}'`)

describe('a remembered token of a session in a SQLite file', () => {
  const acts: Record<string, Act> = {
    'ends it': revoke,
    'ends it and cuts the log': async (other, session) => {
      await revoke(other, session)
      await other.run('pragma wal_checkpoint(truncate)')
    },
    'cuts the log, and ends it by what comes first in the new one': async (other, session) => {
      await other.run('pragma wal_checkpoint(truncate)')
      await revoke(other, session)
    },
    'ends it, makes the file anew and goes': async (other, session) => {
      await revoke(other, session)
      await other.run('vacuum')
      await other.close()
    },
    'takes its row away': (other, session) => other.run(`delete from sessions where id = '${session}'`),
  }
  for (const [act, run] of Object.entries(acts))
    test(`is refused from when another process ${act}`, () =>
      inFolder(async (folder) => {
        const path = `${folder}/a.sqlite`
        const db = openDatabase({ url: `sqlite:${path}` })
        await createTables(db, tables)
        const house = new House(db)
        await house.person()
        const [one, other] = [await house.login(), await house.login()]
        let read = 0
        db.observe!(({ text }) => {
          if (/from "?sessions/i.test(text)) read++
        })
        await withOtherProgram(path, async (program) => {
          for (const { accessToken } of [one, other]) expect(await house.try(accessToken)).toBe(200)
          expect(read).toBeGreaterThan(0)
          const before = read
          for (let at = 0; at < 5; at++) expect(await house.try(one.accessToken)).toBe(200)
          expect(read).toBe(before)
          await run(program, sessionIdOf(one.accessToken))
          expect(await house.try(one.accessToken)).toBe(401)
          expect(await house.try(other.accessToken)).toBe(200)
        })
        await db.close()
      }))
})
