/** One media range of an Accept header (RFC 9110, 12.5.1). */
export interface Range {
  readonly type: string
  readonly q: number
  /** How narrow it is: of ranges that a version falls into the narrowest counts. */
  readonly narrow: number
  /** The version that it names; `null` for the vendor's type without one; `undefined` for other types. */
  readonly version?: string | null
}

/** A vendor's media types: `application/vnd.kwik.v2+json`, and `application/vnd.kwik+json;version=2`. */
export class VendorType {
  readonly vendor: string
  private readonly pattern: RegExp

  constructor(vendor: string) {
    this.vendor = vendor
    const name = vendor.toLowerCase().replace(/[.+*?^$(){}|[\]\\]/g, '\\$&')
    this.pattern = new RegExp(`^application/vnd\\.${name}(?:\\.v([\\w.-]+))?\\+json$`)
  }

  of(version: string): string {
    return `application/vnd.${this.vendor}.v${version}+json`
  }

  /** The version that a media type names; `null` where it names none, `undefined` where it is another's. */
  versionIn(type: string, parameters: Readonly<Record<string, string>>): string | null | undefined {
    const found = this.pattern.exec(type)
    return found === null ? undefined : (found[1] ?? parameters['version'] ?? null)
  }
}

const part = /(?:[^,"]|"(?:\\.|[^"\\])*")+/g
const token = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+$/
const weight = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/

/** A media type and its parameters, in lower case but for values. */
export function mediaType(text: string): { readonly type: string; readonly parameters: Record<string, string> } {
  const [type = '', ...rest] = text.split(';').map((one) => one.trim())
  const parameters: Record<string, string> = {}
  for (const one of rest) {
    const equals = one.indexOf('=')
    const name = (equals === -1 ? one : one.slice(0, equals)).trim().toLowerCase()
    if (name !== '')
      parameters[name] =
        equals === -1
          ? ''
          : one
              .slice(equals + 1)
              .trim()
              .replace(/^"(.*)"$/, '$1')
  }
  return { type: type.toLowerCase(), parameters }
}

/** The ranges of an Accept header. One that cannot be read, or has a weight that is none, is as if it were not there. */
export function rangesIn(header: string | null, vendor: VendorType): Range[] {
  if (header === null || header.trim() === '') return [{ type: '*/*', q: 1, narrow: 0 }]
  return (header.match(part) ?? []).flatMap((text) => {
    const { type, parameters } = mediaType(text)
    const { q = '1', ...others } = parameters
    if (!token.test(type) || !weight.test(q)) return []
    const narrow = type === '*/*' ? 0 : type.endsWith('/*') ? 1 : 2 + Number(Object.keys(others).length > 0)
    const version = vendor.versionIn(type, others)
    return [{ type, q: Number(q), narrow, ...(version !== undefined && { version }) }]
  })
}
