import { systemClock } from '#core/adapters/clock'
import { consoleLogger } from '#core/adapters/console-logger'
import type { Announcements } from '#core/ports/announcements'
import type { Clock } from '#core/ports/clock'
import type { Logger } from '#core/ports/logger'
import type { Mailer } from '#core/ports/mailer'
import type { SecurityEvents } from '#core/ports/security-events'
import type { Sessions } from '#core/ports/sessions'

/** What the service of accounts uses of the app around it. */
export interface AccountsParts {
  /** Begins sessions at sign-in, and ends them. */
  readonly sessions?: Sessions
  /** Tells other processes what is over. */
  readonly announcements?: Announcements
  readonly events?: SecurityEvents
  readonly mailer?: Mailer
  readonly logger?: Logger
  readonly clock?: Clock
}

/** The method by which `kwik()` hands the service what it was not given; nobody else has a reason to call it. */
export const connect: unique symbol = Symbol('kwik.accounts.connect')

/**
 * The parts at work. The service is made before the platform, so they come later than it: read them when they are needed,
 * never keep one. What was given as an option wins over what the platform hands on.
 */
export class Parts {
  readonly #given: AccountsParts
  #handed: AccountsParts = {}
  #own: Pick<AccountsParts, 'events'> = {}

  constructor(given: AccountsParts) {
    this.#given = given
  }

  connect(parts: AccountsParts): void {
    this.#handed = parts
  }

  /** What the service has itself, where nobody gave another. */
  keep(own: Pick<AccountsParts, 'events'>): void {
    this.#own = own
  }

  get sessions(): Sessions | undefined {
    return this.#given.sessions ?? this.#handed.sessions
  }

  get announcements(): Announcements | undefined {
    return this.#given.announcements ?? this.#handed.announcements
  }

  get events(): SecurityEvents | undefined {
    return this.#given.events ?? this.#handed.events ?? this.#own.events
  }

  get mailer(): Mailer | undefined {
    return this.#given.mailer ?? this.#handed.mailer
  }

  get logger(): Logger {
    return this.#given.logger ?? this.#handed.logger ?? consoleLogger
  }

  /** The clock that somebody asked for: tests travel with it. */
  get givenClock(): Clock | undefined {
    return this.#given.clock ?? this.#handed.clock
  }

  get clock(): Clock {
    return this.givenClock ?? systemClock
  }
}
