import { didYouMean } from '#core/internal/spelling'
import type { LogLevel } from '#core/ports/logger'

/** Levels from the least to the most grave. */
export const levels: readonly LogLevel[] = ['debug', 'info', 'warning', 'error', 'fatal']

/** A level, or `off` for none. */
export type LevelName = LogLevel | 'off'

const names: readonly LevelName[] = [...levels, 'off']

/** @throws {TypeError} for a level that does not exist, with the closest one */
export function gravityOf(option: string, level: string): number {
  const at = (names as readonly string[]).indexOf(level)
  if (at >= 0) return at
  throw new TypeError(
    `logging: ${option} must be one of ${levels.join(', ')}, not "${level}"${didYouMean(level, names)}`,
  )
}

/** Categories come from the program, and a name in one may come from outside: they are remembered up to a limit. */
const mostKnown = 1000

/** What is written of each category: a category's own level, or that of the nearest one above it. */
export class Levels {
  readonly #set = new Map<string, number>()
  #known = new Map<string, number>()

  /** @throws {TypeError} for a level that does not exist */
  constructor(level: LevelName, byCategory: Readonly<Record<string, LevelName>>) {
    this.#set.set('', gravityOf('level', level))
    for (const [category, one] of Object.entries(byCategory))
      this.#set.set(category, gravityOf(`levels.${category}`, one))
  }

  takes(level: LogLevel, category: string): boolean {
    return levels.indexOf(level) >= this.#leastOf(category)
  }

  /** The least grave level that any category takes. */
  get least(): number {
    return Math.min(...this.#set.values())
  }

  /** @throws {TypeError} for a level that does not exist; what was set stays */
  set(category: string, level: LevelName): void {
    this.#set.set(category, gravityOf(category === '' ? 'level' : `the level of ${category}`, level))
    this.#known = new Map()
  }

  #leastOf(category: string): number {
    const known = this.#known.get(category)
    if (known !== undefined) return known
    let least = this.#set.get('')!
    for (let at = category; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
      const own = this.#set.get(at)
      if (own === undefined) continue
      least = own
      break
    }
    if (this.#known.size < mostKnown) this.#known.set(category, least)
    return least
  }
}
