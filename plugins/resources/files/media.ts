/** A kind of file: the extension it is stored with, and how its bytes begin. */
interface Kind {
  readonly extension: string
  /** Bytes and where they are; any of them will do. */
  readonly begins?: readonly Beginning[]
}
type Beginning = readonly (readonly [at: number, bytes: string])[]

const iso = (...brands: readonly string[]): Beginning[] => brands.map((brand) => [[4, `ftyp${brand}`]])
const zip: readonly Beginning[] = [[[0, 'PK\x03\x04']], [[0, 'PK\x05\x06']]]
const office = (extension: string): Kind => ({ extension, begins: zip })

/** Media types that are known by their bytes (https://mimesniff.spec.whatwg.org, and the formats' own pages). */
const kinds: Readonly<Record<string, Kind>> = {
  'image/png': { extension: 'png', begins: [[[0, '\x89PNG\r\n\x1a\n']]] },
  'image/jpeg': { extension: 'jpg', begins: [[[0, '\xff\xd8\xff']]] },
  'image/gif': { extension: 'gif', begins: [[[0, 'GIF87a']], [[0, 'GIF89a']]] },
  'image/webp': {
    extension: 'webp',
    begins: [
      [
        [0, 'RIFF'],
        [8, 'WEBP'],
      ],
    ],
  },
  'image/avif': { extension: 'avif', begins: iso('avif', 'avis') },
  'image/heic': { extension: 'heic', begins: iso('heic', 'heix', 'mif1') },
  'image/bmp': { extension: 'bmp', begins: [[[0, 'BM']]] },
  'image/tiff': { extension: 'tif', begins: [[[0, 'II*\0']], [[0, 'MM\0*']]] },
  'image/svg+xml': { extension: 'svg' },
  'application/pdf': { extension: 'pdf', begins: [[[0, '%PDF-']]] },
  'application/zip': { extension: 'zip', begins: zip },
  'application/gzip': { extension: 'gz', begins: [[[0, '\x1f\x8b']]] },
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': office('docx'),
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': office('xlsx'),
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': office('pptx'),
  'application/vnd.oasis.opendocument.text': office('odt'),
  'application/vnd.oasis.opendocument.spreadsheet': office('ods'),
  'application/json': { extension: 'json' },
  'application/xml': { extension: 'xml' },
  'text/plain': { extension: 'txt' },
  'text/csv': { extension: 'csv' },
  'text/markdown': { extension: 'md' },
  'text/html': { extension: 'html' },
  'audio/mpeg': { extension: 'mp3', begins: [[[0, 'ID3']], [[0, '\xff\xfb']], [[0, '\xff\xf3']], [[0, '\xff\xf2']]] },
  'audio/ogg': { extension: 'ogg', begins: [[[0, 'OggS']]] },
  'audio/wav': {
    extension: 'wav',
    begins: [
      [
        [0, 'RIFF'],
        [8, 'WAVE'],
      ],
    ],
  },
  'video/mp4': {
    extension: 'mp4',
    begins: iso('isom', 'iso2', 'iso4', 'iso5', 'iso6', 'mp41', 'mp42', 'avc1', 'M4V ', 'dash'),
  },
  'video/webm': { extension: 'webm', begins: [[[0, '\x1a\x45\xdf\xa3']]] },
  'video/quicktime': { extension: 'mov', begins: iso('qt  ') },
}

/** Bytes that programs begin with: no type that is not known by its bytes may have them. */
const programs: readonly Beginning[] = [
  [[0, 'MZ']],
  [[0, '\x7fELF']],
  [[0, '\xcf\xfa\xed\xfe']],
  [[0, '\xca\xfe\xba\xbe']],
  [[0, '#!']],
]

/** How many bytes of a file say what it is. */
export const headSize = 512

/** The extension of a stored file: the type's, never the client's. */
export const extensionOf = (type: string): string => kinds[type]?.extension ?? 'bin'

/** Whether a file that begins so can be of the type. */
export function fitsType(type: string, head: Uint8Array): boolean {
  const text = Buffer.from(head).toString('latin1')
  const own = kinds[type]?.begins
  if (own) return own.some((beginning) => beginsWith(text, beginning))
  const others = [...programs, ...Object.values(kinds).flatMap(({ begins = [] }) => begins)]
  if (others.some((beginning) => beginsWith(text, beginning))) return false
  return !isText(type) || !text.includes('\0')
}

/** A type that browsers only show, and never run. */
export const isSafeInline = (type: string): boolean => type !== 'image/svg+xml' && /^(image|audio|video)\//.test(type)

const isText = (type: string): boolean => /^text\/|[/+](json|xml)$/.test(type)

const beginsWith = (text: string, beginning: Beginning): boolean =>
  beginning.every(([at, bytes]) => text.startsWith(bytes, at))

/** The type of a Content-Type header, without its parameters. */
export const mediaTypeOf = (header: string | null): string => (header ?? '').split(';', 1)[0]!.trim().toLowerCase()
