import { expect } from '#test'
import { both } from '../../services.ts'
import { appOf, ask, fill, notes } from './fixture.ts'

/** Letters with more than two cases, or whose upper case is another's too. */
const letters = [...'ΣσςǅǄǆµμΜIıiÿŸßẞſÅåéÉЯя😀']

both('letters are one where they are the same in lower case, on every database', [notes], async (db) => {
  await fill(
    db,
    letters.map((letter, at) => ({ id: at + 1, body: `${letter}Éx` })),
  )
  const app = appOf(db)
  for (const wanted of letters) {
    const { ids } = await ask(app, `?limit=100&body[starts]=${encodeURIComponent(`${wanted}éX`)}`)
    const same = letters.filter((letter) => letter.toLowerCase() === wanted.toLowerCase())
    expect({ wanted, found: ids.map((id) => letters[(id as number) - 1]) }).toEqual({ wanted, found: same })
  }
})
