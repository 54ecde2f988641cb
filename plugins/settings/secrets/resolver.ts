import { didYouMean } from '#core/internal/spelling'
import type { SettingsFault } from '../errors.ts'
import type { Lookup, Needed } from '../expansion.ts'
import { fieldOf } from './field.ts'
import {
  type SecretAnswers,
  type SecretContext,
  type SecretProvider,
  SecretStoreError,
  type SecretTrouble,
  type SecretValue,
} from './provider.ts'
import { parseReference, type SecretReference } from './reference.ts'

/** What all references of one load came to. */
export interface Resolution {
  readonly lookup: Lookup
  /** When the first of them has to be read anew, in milliseconds since 1970; never, where no store says so. */
  readonly expires: number
}

export interface ResolverOptions {
  readonly providers: readonly SecretProvider[]
  readonly context: Omit<SecretContext, 'signal'>
  /** Milliseconds for all secrets of a load. */
  readonly timeout: number
}

interface Kept {
  readonly value: SecretValue
  readonly until: number
}

/** Asks providers for the secrets of loads: each provider once for all of them, and no provider twice at one time for one secret. */
export class SecretResolver {
  private readonly byScheme: ReadonlyMap<string, SecretProvider>
  private readonly options: ResolverOptions
  private readonly kept = new Map<string, Kept>()
  private readonly running = new Map<string, Promise<SecretAnswers>>()

  constructor(options: ResolverOptions) {
    this.options = options
    this.byScheme = new Map(options.providers.map((provider) => [provider.scheme, provider]))
  }

  /**
   * @param offline ask only providers that need nobody beside this machine
   * @param fresh ask for secrets that are still good too
   * @returns at once, where every provider answers at once
   */
  resolve(
    needed: readonly Needed[],
    { offline = false, fresh = false }: { readonly offline?: boolean; readonly fresh?: boolean } = {},
  ): Resolution | Promise<Resolution> {
    const lookup = new Map<string, { text: string } | { fault: SettingsFault } | 'unread'>()
    const asked = new Map<SecretProvider, Map<string, { reference: SecretReference; wanted: Needed[] }>>()
    for (const one of needed) {
      const reference = parseReference(one.uri)
      const provider = typeof reference === 'string' ? undefined : this.byScheme.get(reference.provider)
      if (typeof reference === 'string') lookup.set(one.uri, { fault: faultOf(one, reference) })
      else if (!provider) lookup.set(one.uri, { fault: faultOf(one, this.stranger(reference.provider)) })
      else if (offline && !provider.local) lookup.set(one.uri, 'unread')
      else {
        const whole = withoutField(reference)
        const of = asked.get(provider) ?? asked.set(provider, new Map()).get(provider)!
        const entry = of.get(whole.uri) ?? of.set(whole.uri, { reference: whole, wanted: [] }).get(whole.uri)!
        entry.wanted.push(one)
      }
    }
    let expires = Number.POSITIVE_INFINITY
    const take = (
      entries: Iterable<{ reference: SecretReference; wanted: Needed[] }>,
      answers: SecretAnswers,
    ): void => {
      for (const { reference, wanted } of entries)
        for (const one of wanted) {
          const answer = answers.get(reference.uri) ?? { trouble: 'the provider said nothing about it' }
          if ('trouble' in answer) lookup.set(one.uri, { fault: faultOf(one, answer.trouble, answer.unreachable) })
          else {
            expires = Math.min(expires, this.keep(reference.uri, answer))
            const field = (parseReference(one.uri) as SecretReference).field
            const found = fieldOf(answer.value, field)
            lookup.set(one.uri, 'trouble' in found ? { fault: faultOf(one, found.trouble) } : { text: found.text })
          }
        }
    }
    const waits: Promise<void>[] = []
    for (const [provider, entries] of asked) {
      const answers = this.ask(
        provider,
        [...entries.values()].map(({ reference }) => reference),
        fresh,
      )
      if (answers instanceof Promise) waits.push(answers.then((settled) => take(entries.values(), settled)))
      else take(entries.values(), answers)
    }
    if (waits.length === 0) return { lookup, expires }
    return Promise.all(waits).then(() => ({ lookup, expires }))
  }

  /** Asks every store that can be asked whether it answers. */
  async probe(): Promise<readonly { readonly scheme: string; readonly trouble?: string }[]> {
    const ask = async (provider: SecretProvider): Promise<{ scheme: string; trouble?: string }> => {
      try {
        await provider.probe!(this.context())
        return { scheme: provider.scheme }
      } catch (error) {
        return { scheme: provider.scheme, trouble: troubleOf(error).trouble }
      }
    }
    return Promise.all(this.options.providers.filter(({ probe }) => probe !== undefined).map(ask))
  }

  private ask(
    provider: SecretProvider,
    references: readonly SecretReference[],
    fresh: boolean,
  ): SecretAnswers | Promise<SecretAnswers> {
    const now = this.options.context.clock.now()
    const known = new Map<string, SecretValue>()
    if (!fresh)
      for (const { uri } of references) {
        const kept = this.kept.get(uri)
        if (kept && kept.until > now) known.set(uri, kept.value)
      }
    const waits: Promise<SecretAnswers>[] = []
    const left = references.filter(({ uri }) => {
      const running = known.has(uri) ? undefined : this.running.get(uri)
      if (running) waits.push(running)
      return !known.has(uri) && !running
    })
    const answers = left.length === 0 ? new Map() : this.call(provider, left)
    if (!(answers instanceof Promise) && waits.length === 0) return new Map([...known, ...answers])
    if (answers instanceof Promise) {
      for (const { uri } of left) this.running.set(uri, answers)
      void answers.then(() => left.forEach(({ uri }) => void this.running.delete(uri)))
    }
    return Promise.all([answers, ...waits]).then((all) => new Map([...known, ...all.flatMap((one) => [...one])]))
  }

  /** Never rejects: what a provider throws is the trouble of all that it was asked for. */
  private call(
    provider: SecretProvider,
    references: readonly SecretReference[],
  ): SecretAnswers | Promise<SecretAnswers> {
    const failed = (error: unknown): SecretAnswers => new Map(references.map(({ uri }) => [uri, troubleOf(error)]))
    try {
      const answers = provider.resolve(references, this.context())
      if (!(answers instanceof Promise)) return answers
      return within(answers, this.options.timeout, provider.scheme).catch(failed)
    } catch (error) {
      return failed(error)
    }
  }

  private context(): SecretContext {
    return { ...this.options.context, signal: AbortSignal.timeout(this.options.timeout) }
  }

  private keep(uri: string, value: SecretValue): number {
    if (value.ttl === undefined) return Number.POSITIVE_INFINITY
    const until = this.options.context.clock.now() + value.ttl
    const kept = this.kept.get(uri)
    if (kept?.value === value) return kept.until
    this.kept.set(uri, { value, until })
    return until
  }

  private stranger(scheme: string): string {
    const known = [...this.byScheme.keys()]
    const meant = didYouMean(scheme, known)
    return `nobody here is called ${scheme}${meant || `: give defineSettings the provider in \`secrets\`; there are ${known.join(', ')}`}`
  }
}

const withoutField = (reference: SecretReference): SecretReference => ({
  ...reference,
  uri: reference.uri.replace(/#.*$/s, ''),
  field: undefined,
})

const faultOf = ({ uri, key, from }: Needed, trouble: string, unreachable = false): SettingsFault => ({
  text: `${uri}: ${trouble} (${key}, from ${from})`,
  key,
  kind: unreachable ? 'unreachable' : 'invalid',
})

function troubleOf(error: unknown): SecretTrouble {
  if (error instanceof SecretStoreError) return { trouble: error.message, unreachable: error.unreachable }
  const name = error instanceof Error ? error.name : 'something'
  // What strangers throw may show what they sent.
  return { trouble: `the provider threw ${name}`, unreachable: false }
}

function within(answers: Promise<SecretAnswers>, ms: number, scheme: string): Promise<SecretAnswers> {
  return new Promise((done, fail) => {
    const late = new SecretStoreError(`${scheme} did not answer within ${ms} ms`, true)
    const timer = setTimeout(() => fail(late), ms)
    answers.then(done, fail).finally(() => clearTimeout(timer))
  })
}
