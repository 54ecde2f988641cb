// Written by `bun tools/platform-settings.ts` from the options of each part.
import { flag, listOf, oneOf, type Setting, type Settings, type Size, setting, settings, size } from './forms.ts'

export type CompressionSettings = Settings<{
  encodings: Setting<readonly ('zstd' | 'br' | 'gzip')[]>
  threshold: Setting<Size>
  signedIn: Setting<boolean>
}>

export const compression: CompressionSettings = settings({
  encodings: setting<readonly ('zstd' | 'br' | 'gzip')[]>(listOf(oneOf('zstd', 'br', 'gzip')), {
    description: 'What is offered, the best first.',
    byDefault: "['zstd', 'br', 'gzip'], as far as the runtime has them",
  }),
  threshold: setting<Size>(size, { description: 'Smaller bodies are left as they are.', byDefault: "'1KB'" }),
  signedIn: setting<boolean>(flag, {
    description:
      'Whether answers to signed-in callers are compressed too. Where such an answer has a secret beside something that a stranger can choose, its length tells of the secret (BREACH): `false` leaves them as they are.',
    byDefault: 'true',
  }),
})
