import { availableParallelism } from 'node:os'
import { setImmediate } from 'node:timers'
import { Worker } from 'node:worker_threads'
import { argon2id, type HashingAnswer, type HashingWork, hashInThread, workAside } from './hashing-work.ts'

interface Thread {
  readonly worker: Worker
  /** What it works at. */
  task?: Task | undefined
  hasAnswered: boolean
}
interface Task extends PromiseWithResolvers<string | boolean> {
  readonly work: HashingWork
}

/**
 * Threads of a low priority, begun when they are needed and kept: a hash takes a processor for 30 ms, and on a machine that
 * has few of them requests would wait for it. Where none can be begun Bun's own threads do the work.
 */
export class HashingThreads {
  readonly #program: string
  readonly #most = Math.max(1, availableParallelism() - 1)
  readonly #threads = new Set<Thread>()
  readonly #waiting: Task[] = []
  #canBegin = true

  /** @param program what a thread runs */
  constructor(program: string = `(${hashInThread})(${JSON.stringify(argon2id)})`) {
    this.#program = program
  }

  /** Rejects for a hash that cannot be read. */
  do(work: HashingWork): Promise<string | boolean> {
    const task: Task = { work, ...Promise.withResolvers<string | boolean>() }
    const thread = [...this.#threads].find(({ task }) => task === undefined) ?? this.#begun()
    if (thread) give(thread, task)
    else if (this.#canBegin) this.#waiting.push(task)
    else aside(task)
    return task.promise
  }

  #begun(): Thread | undefined {
    if (!this.#canBegin || this.#threads.size >= this.#most) return undefined
    // As text, not as a file: an app may be built into one.
    const thread: Thread = { worker: new Worker(this.#program, { eval: true }), hasAnswered: false }
    this.#threads.add(thread)
    thread.worker.on('message', (answer: HashingAnswer) => this.#answered(thread, answer))
    thread.worker.on('error', () => this.#ended(thread))
    thread.worker.on('exit', () => this.#ended(thread))
    return thread
  }

  #answered(thread: Thread, answer: HashingAnswer): void {
    const { task } = thread
    thread.hasAnswered = true
    thread.task = undefined
    // A process that has nothing else to do may end.
    thread.worker.unref()
    const next = this.#waiting.shift()
    if (next) give(thread, next)
    // Not from within the message: what waits by `expect(…).rejects` turns the event loop itself, and gets no other there.
    if (task) setImmediate(settle, task, answer)
  }

  /** What it leaves behind is done by Bun's threads. One that never did anything says that none will. */
  #ended(thread: Thread): void {
    if (!this.#threads.delete(thread)) return
    if (!thread.hasAnswered) this.#canBegin = false
    if (thread.task) aside(thread.task)
    if (this.#threads.size === 0) for (const task of this.#waiting.splice(0)) aside(task)
  }
}

function give(thread: Thread, task: Task): void {
  thread.task = task
  thread.worker.ref()
  thread.worker.postMessage(task.work)
}

function settle({ resolve, reject }: Task, answer: HashingAnswer): void {
  if ('fault' in answer) reject(new Error(answer.fault))
  else resolve(answer.result)
}

function aside({ work, resolve, reject }: Task): void {
  workAside(work).then(resolve, reject)
}
