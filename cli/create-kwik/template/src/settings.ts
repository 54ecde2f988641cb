import { join } from 'node:path'
import { t } from 'elysia'
import { defineSettings, developmentSecret, kwikSettings } from 'kwik/settings'

const root = join(import.meta.dirname, '..')

/** Read once, from `.env` and the environment: `DATABASE_URL`, `REDIS_URL`, `PORT`, `KWIK_…`. Your own go beside Kwik's. */
export const settings = defineSettings(t.Object({ ...kwikSettings }), { dir: root })

/** Signs tokens. Production sets it; elsewhere one is made and kept with the data. */
export const secret = settings.current.tokens.secret ?? developmentSecret(join(root, 'data'))
