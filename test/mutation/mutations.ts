/** One phase, or one place of the install order, moved: the text of a file that is replaced by another. */
export interface Mutation {
  /** What moves where, in words. */
  readonly name: string
  /** The phase that moves, or another place of the order. */
  readonly moves: string
  readonly file: string
  readonly find: string
  readonly replace: string
}

const install = 'src/core/install.ts'
const phases = 'src/core/phases.ts'

const transformOrder = `    markMade(gate.transform, words),
    markMade(upgradeHook(steps)),
    ...users,
    markMade(takesBody && limits.closedBody ? bodyHook(schema, models) : undefined),`
const [gate, upgrade, users, body] = transformOrder.split('\n') as [string, string, string, string]

const beforeOrder = `    markMade(loadHook(steps, name)),
    ...beforeBoot(hooks.beforeHandle),
    markMade(replayHook(steps, name)),`
const [load, own, replay] = beforeOrder.split('\n') as [string, string, string]

const mapOrder = `    ...beforeBoot(hooks.mapResponse),
    markMade(downgradeHook(steps, watchesEnd, mayEnterAgain(route))),`
const [ownMap, downgrade] = mapOrder.split('\n') as [string, string]

type Move = (moves: string, name: string, replace: string | readonly string[]) => Mutation
const moved =
  (file: string, find: string): Move =>
  (moves, name, replace) => ({ moves, name, file, find, replace: [replace].flat().join('\n') })

const inGate = moved(phases, "'identify', 'throttle', 'authorize'")
const inTransform = moved(install, transformOrder)
const inBefore = moved(install, beforeOrder)
const inMap = moved(install, mapOrder)
const inParse = moved(
  install,
  'some(markMade(gate.guard, gate.read ? [] : unused), ...parsers, markMade(gate.read, unused))',
)
const inRank = moved(phases, "const first = ['idempotency', 'resources']")
const inAnchor = moved('src/core/anchor.ts', '.onRequest(Object.assign(entry')
const finish = 'function finish(scope: Scope, response: Response): Response | Promise<Response> {'
const inWrap = moved('src/core/wrap.ts', finish)

export const mutations: readonly Mutation[] = [
  inGate('identify', 'identify after throttle', "'throttle', 'identify', 'authorize'"),
  inGate('identify', 'identify after authorize', "'throttle', 'authorize', 'identify'"),
  inGate('throttle', 'throttle after authorize', "'identify', 'authorize', 'throttle'"),
  inGate('authorize', 'authorize before identify', "'authorize', 'identify', 'throttle'"),
  inTransform('upgrade', 'upgrade before the verdict of the gate', [upgrade, gate, users, body]),
  inTransform('upgrade', 'upgrade after users’ transform hooks', [gate, users, upgrade, body]),
  inTransform('upgrade', 'upgrade after the check of the body', [gate, users, body, upgrade]),
  inTransform('gate', 'the verdict of the gate after users’ transform hooks', [upgrade, users, gate, body]),
  inTransform('body', 'the check of the body before upgrade', [gate, body, upgrade, users]),
  inBefore('load', 'load after users’ beforeHandle hooks', [own, load, replay]),
  inBefore('load', 'load after replay', [own, replay, load]),
  inBefore('replay', 'replay before users’ beforeHandle hooks', [load, replay, own]),
  inBefore('replay', 'replay before load', [replay, load, own]),
  inMap('downgrade', 'downgrade before users’ mapResponse hooks', [downgrade, ownMap]),
  inParse('gate', 'the guards after users’ parsers', 'some(...parsers, markMade(gate.guard), markMade(gate.read))'),
  inParse('gate', 'the guards after the body was read', 'some(...parsers, markMade(gate.read), markMade(gate.guard))'),
  inRank('replay', 'idempotency keys after the cache', "const first = ['cache']"),
  inAnchor('admit', 'admit after routing', ".onTransform({ as: 'global' }, Object.assign(entry"),
  inWrap('close', 'close before respond', [finish, '  if (scope.app && response) end(scope, response.status, false)']),
]
