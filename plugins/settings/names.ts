import { didYouMean } from '#core/internal/spelling'
import { type Group, groupsOf, isGroup, type Leaf, type Node } from './leaves.ts'

/** What Kwik's command line, test toolkit and encrypted files read themselves. */
const tools = /^KWIK_(?:DEBUG$|SEED$|TEST_|MASTER_KEY)/

/** The names of all variables, and whose they are. */
export interface VariableNames {
  /** The variable that a name means: itself, or one that differs in case and in underscores inside of words alone. */
  meantBy(name: string): string | undefined
  /** A name without `_FILE`, when it names a file with the value of a setting. */
  fileFor(name: string): string | undefined
  /** The setting, or the group of settings, that a variable is for. */
  ownerOf(variable: string): Node | undefined
  /** What is wrong with a name that begins with the prefix, if anything. */
  trouble(name: string): string | undefined
}

/**
 * @param ignored variables with the prefix that belong to somebody else
 * @throws {TypeError} when two settings claim one variable: they would read each other's value
 */
export function variableNames(
  root: Group,
  leaves: Iterable<Leaf>,
  prefix: string,
  ignored: readonly string[],
): VariableNames {
  const owners = new Map<string, Node>()
  const claim = (variable: string, node: Node): void => {
    const { key = node.key } = owners.get(variable) ?? {}
    if (key !== node.key) throw new TypeError(`settings: ${key} and ${node.key} both claim the variable ${variable}`)
    owners.set(variable, node)
  }
  for (const group of groupsOf(root)) if (group.key !== '') claim(group.variable, group)
  for (const leaf of leaves) for (const variable of leaf.variables) claim(variable, leaf)
  const start = prefix.toLowerCase()
  /** `KWIK_SERVER__BODY_LIMIT`, `kwik_server__bodylimit`: the same to whoever writes it. */
  const plain = (name: string): string => {
    const low = name.toLowerCase()
    return `${start}${low
      .slice(start.length)
      .split('__')
      .map((word) => word.replaceAll('_', ''))
      .join('__')}`
  }
  const isOurs = (name: string): boolean => name.toLowerCase().startsWith(start)
  let relaxed: ReadonlyMap<string, string> | undefined
  /** Seldom asked: names are mostly written as they are. */
  const relaxedName = (name: string): string | undefined => {
    relaxed ??= new Map([...owners.keys()].filter(isOurs).map((one) => [plain(one), one]))
    return relaxed.get(plain(name))
  }
  const meantBy = (name: string): string | undefined =>
    owners.has(name) ? name : isOurs(name) && !ignored.includes(name) ? relaxedName(name) : undefined
  const fileFor = (name: string): string | undefined => {
    if (!/_FILE$/i.test(name) || meantBy(name) !== undefined || ignored.includes(name)) return undefined
    const variable = meantBy(name.slice(0, -'_FILE'.length))
    const owner = variable === undefined ? undefined : owners.get(variable)
    return owner === undefined || isGroup(owner) ? undefined : variable
  }
  return {
    meantBy,
    fileFor,
    ownerOf: (variable) => owners.get(variable),
    trouble: (name) => {
      if (!isOurs(name) || name === `${prefix}PROFILE` || tools.test(name) || ignored.includes(name)) return undefined
      if (meantBy(name) !== undefined || fileFor(name) !== undefined) return undefined
      return `is not a setting${didYouMean(name, owners.keys())}`
    },
  }
}
