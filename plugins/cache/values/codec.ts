/**
 * Values as texts that come back as they were, where JSON alone would lose what they are: `j` and JSON, or `t` and JSON in
 * which `{"$": [kind, ...]}` stands for what JSON does not have.
 */

type Path = (string | number)[]

/**
 * The text of a value: plain objects, arrays, texts, numbers, booleans, null, undefined, bigint, Date, Map, Set,
 * Uint8Array.
 *
 * @throws {TypeError} for functions, symbols, instances of classes, and what is a part of itself; it names the place
 */
export function encode(value: unknown): string {
  const plain = encoded(value, [], new Set())
  return plain === value ? `j${JSON.stringify(value)}` : `t${JSON.stringify(plain)}`
}

/** The value of a text; each time another copy. @throws for a text that `encode` has not made */
export function decode(text: string): unknown {
  const form = text[0]
  if (form !== 'j' && form !== 't') throw new TypeError('this is no value of a cache')
  const plain: unknown = JSON.parse(text.slice(1))
  return form === 'j' ? plain : decoded(plain)
}

/** What JSON can say of it: the same object where it can say all of it. */
function encoded(value: unknown, path: Path, above: Set<object>): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : special('n', Object.is(value, -0) ? '-0' : String(value))
    case 'bigint':
      return special('b', String(value))
    case 'undefined':
      return special('u')
    case 'object':
      return value === null ? null : within(value, path, above)
    default:
      throw refused(path, `a ${typeof value}`)
  }
}

function within(value: object, path: Path, above: Set<object>): unknown {
  if (above.has(value)) throw refused(path, 'a part of itself')
  above.add(value)
  const said = ofObject(value, path, above)
  above.delete(value)
  return said
}

function ofObject(value: object, path: Path, above: Set<object>): unknown {
  if (Array.isArray(value)) return ofArray(value, path, above)
  if (value instanceof Date) return special('d', value.getTime())
  if (value instanceof Map) {
    const pairs = [...value].map(([key, one], at) => [
      encoded(key, [...path, `key ${at}`], above),
      encoded(one, [...path, String(key)], above),
    ])
    return special('m', pairs)
  }
  if (value instanceof Set)
    return special(
      's',
      [...value].map((one, at) => encoded(one, [...path, at], above)),
    )
  if (value instanceof Uint8Array) return special('y', Buffer.from(value).toString('base64'))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype) throw refused(path, `an instance of ${nameOf(value)}`)
  return ofPlain(value, path, above)
}

/** Drivers give rows in arrays of their own kind. */
function ofArray(value: readonly unknown[], path: Path, above: Set<object>): unknown {
  let isSame = Object.getPrototypeOf(value) === Array.prototype
  const all = Array.from(value, (one, at) => {
    path.push(at)
    const said = encoded(one, path, above)
    path.pop()
    if (said !== one) isSame = false
    return said
  })
  return isSame ? value : all
}

function ofPlain(value: object, path: Path, above: Set<object>): unknown {
  if (Object.getOwnPropertySymbols(value).length > 0) throw refused(path, 'an object with symbols')
  let isSame = !Object.hasOwn(value, '$')
  const all = Object.entries(value).map(([key, one]): [string, unknown] => {
    path.push(key)
    const said = encoded(one, path, above)
    path.pop()
    if (said !== one) isSame = false
    return [key, said]
  })
  if (isSame) return value
  return Object.hasOwn(value, '$') ? special('o', all) : Object.fromEntries(all)
}

const special = (kind: string, content?: unknown): object => ({ $: content === undefined ? [kind] : [kind, content] })

function decoded(plain: unknown): unknown {
  if (typeof plain !== 'object' || plain === null) return plain
  if (Array.isArray(plain)) return plain.map(decoded)
  if (!Object.hasOwn(plain, '$'))
    return Object.fromEntries(Object.entries(plain).map(([key, one]) => [key, decoded(one)]))
  const [kind, content] = listOf(Object.entries(plain)[0]?.[1])
  switch (kind) {
    case 'n':
      return Number(content)
    case 'b':
      return BigInt(String(content))
    case 'u':
      return undefined
    case 'd':
      return new Date(typeof content === 'number' ? content : Number.NaN)
    case 'm':
      return new Map(pairsOf(content))
    case 's':
      return new Set(listOf(content).map(decoded))
    case 'y':
      return new Uint8Array(Buffer.from(String(content), 'base64'))
    case 'o':
      return Object.fromEntries(pairsOf(content).map(([key, one]) => [String(key), one]))
    default:
      throw new TypeError('this is no value of a cache')
  }
}

function listOf(content: unknown): readonly unknown[] {
  if (!Array.isArray(content)) throw new TypeError('this is no value of a cache')
  return content
}

const pairsOf = (content: unknown): [unknown, unknown][] =>
  listOf(content).map((pair) => {
    const [key, one] = listOf(pair)
    return [decoded(key), decoded(one)]
  })

function refused(path: Path, what: string): TypeError {
  const where = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')
  return new TypeError(
    `value${where} is ${what}, which cannot be stored: plain objects, arrays, Map, Set, Date and bytes can`,
  )
}

function nameOf(value: object): string {
  const made: unknown = value.constructor
  return (typeof made === 'function' && made.name) || 'a class'
}
