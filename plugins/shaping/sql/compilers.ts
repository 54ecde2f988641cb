import type { Dialect } from '#core/ports/database'
import type { Model } from '../declare/model.ts'
import { Compiler } from './compiler.ts'

const compilers = new WeakMap<Model, Map<Dialect, Compiler>>()

/** The compiler of a shape for one database: made once, for it keeps what it made. */
export function compilerOf(dialect: Dialect, model: Model): Compiler {
  let known = compilers.get(model)
  if (!known) {
    known = new Map()
    compilers.set(model, known)
  }
  let compiler = known.get(dialect)
  if (!compiler) {
    compiler = new Compiler(dialect, model)
    known.set(dialect, compiler)
  }
  return compiler
}
