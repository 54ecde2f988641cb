import { mayWait, type StepOf } from '#core/phases'
import type { Scope } from '#core/scope'
import { ageOf } from '../engine/index.ts'
import type { Desk } from './desk.ts'
import { keptOf } from './kept.ts'
import { isRefresh, Visit } from './visit.ts'

/** Answers in the handler's place what is kept; a fresh local copy without waiting for anything. */
export function lookUp(desk: Desk): StepOf['replay'] {
  return mayWait((scope: Scope, call) => {
    if (scope.get(isRefresh)) return undefined
    const key = desk.keyOf(scope, call)
    if (key === undefined) {
      desk.say(scope, 'bypass')
      return undefined
    }
    const seat = desk.seat()
    const { engine } = seat
    const local = engine.peek(key)
    if (local !== undefined) {
      const now = engine.now()
      const kept = ageOf(local, now) === 'fresh' ? keptOf(local) : undefined
      if (kept !== undefined) {
        desk.say(scope, 'hit')
        return kept.answer(scope, desk.controls, local, now)
      }
    }
    const tags = desk.tagsOf(scope, call)
    return tags === undefined ? undefined : new Visit(desk, seat, scope, key, tags).look()
  })
}
