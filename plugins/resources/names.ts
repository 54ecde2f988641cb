/** What the parts of a resource are called: made of its name, `order-lines`. */
export interface Names {
  /** `/order-lines`. */
  readonly path: string
  /** `OrderLine`, in the API document. */
  readonly singular: string
  /** `OrderLines`, in ids of operations. */
  readonly plural: string
  /** `order line`, in sentences. */
  readonly word: string
  /** `order lines`. */
  readonly words: string
}

/** @throws {TypeError} for a name that cannot be a path */
export function namesOf(name: string, singular: string | undefined): Names {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw new TypeError(
      `"${name}" cannot name a resource: write lower case words with a dash between, such as order-lines`,
    )
  const words = name.replaceAll('-', ' ')
  const one = singular ?? pascal(singularOf(name))
  return {
    path: `/${name}`,
    singular: one,
    plural: pascal(name),
    word: one.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase(),
    words,
  }
}

const pascal = (name: string): string => name.replace(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

/** English as far as it is regular; `singular` says the rest. */
function singularOf(name: string): string {
  if (name.endsWith('ies')) return `${name.slice(0, -3)}y`
  if (/(s|x|z|ch|sh)es$/.test(name) && !/(ases|oses|uses|ises)$/.test(name)) return name.slice(0, -2)
  return /[^su]s$/.test(name) ? name.slice(0, -1) : name
}
