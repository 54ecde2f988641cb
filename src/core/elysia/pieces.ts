import type { Scope } from '../scope.ts'

type Generator = AsyncGenerator | globalThis.Generator

/** What a handler answers that yields. */
export const isGenerator = (value: object): value is Generator =>
  typeof (value as { next?: unknown }).next === 'function' &&
  (Symbol.asyncIterator in value || Symbol.iterator in value)

/**
 * The pieces of an answer. Elysia would print an error between them as it is, secrets and all, and end the answer as if it
 * were whole: the wrap tells it, and breaks the answer off. An error before the first piece is a problem like any.
 */
export function pieceByPiece(scope: Scope, pieces: Generator): AsyncIterableIterator<unknown> {
  return watched(scope, pieces, false)
}

/** The same of a stream, which Elysia begins to read when the answer has left. */
export function watchPieces(scope: Scope, stream: ReadableStream): void {
  const pieces = stream[Symbol.asyncIterator].bind(stream)
  // On the stream itself: Elysia reads more of it than its pieces.
  Object.defineProperty(stream, Symbol.asyncIterator, { value: () => watched(scope, pieces(), true) })
}

type Pieces = Pick<AsyncGenerator, 'next'> & { return?(value?: unknown): Promise<IteratorResult<unknown>> }

function watched(scope: Scope, pieces: Generator | Pieces, begun: boolean): AsyncIterableIterator<unknown> {
  return {
    async next() {
      try {
        const piece = await pieces.next()
        begun = true
        return piece
      } catch (error) {
        if (!begun) throw error
        scope.broken = { error }
        return { done: true, value: undefined }
      }
    },
    return: async (value) => pieces.return!(await value),
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
