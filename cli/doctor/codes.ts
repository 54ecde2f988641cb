/** A problem ends the command with 1; a warning is to be looked at. */
export type Level = 'problem' | 'warning'

interface Kind {
  readonly level: Level
  /** Looked at in production alone. */
  readonly inProduction?: true
  /** What may come of it. */
  readonly why: string
  /** What to do. */
  readonly remedy: string
}

const kinds = {
  'settings-invalid': {
    level: 'problem',
    why: 'The app does not start with these settings.',
    remedy: 'Set what is named, in the environment or in .env.',
  },
  'app-broken': {
    level: 'problem',
    why: 'An app that cannot be loaded or booted answers nothing; what it is made of could not be looked at.',
    remedy: 'Mend what is named, then run kwik doctor again.',
  },
  'routes-undeclared': {
    level: 'warning',
    why: 'With strict: false a route that says nothing of who may call it is open to anybody.',
    remedy: 'Say auth, permission or public: true on these routes, and take strict: false away.',
  },
  'secret-weak': {
    level: 'problem',
    why: 'Whoever guesses the secret can sign tokens for anybody.',
    remedy: 'Make one with: openssl rand -base64 32',
  },
  'secret-in-code': {
    level: 'problem',
    why: 'Whoever reads the code, or a copy of it, can sign tokens for anybody.',
    remedy: 'Make a new secret, set it in the environment, and leave the old one to history.',
  },
  'secret-development': {
    level: 'problem',
    inProduction: true,
    why: 'The secret was made for development and lies in a file beside the data, in backups and images too.',
    remedy: 'Set a secret of its own for production: openssl rand -base64 32',
  },
  'env-committed': {
    level: 'problem',
    why: 'A secret in the repository is known to everybody who has ever cloned it.',
    remedy: 'git rm --cached the file, add it to .gitignore, and make new secrets.',
  },
  'env-readable': {
    level: 'problem',
    inProduction: true,
    why: 'Every user of this machine can read the secrets in it.',
    remedy: 'chmod 600 the file.',
  },
  'env-by-bun': {
    level: 'warning',
    why: 'Bun loads .env before Kwik does: values then seem to come from the environment, and .env.local counts in the wrong order.',
    remedy: 'Put env = false into bunfig.toml.',
  },
  'cors-any-origin': {
    level: 'problem',
    why: 'Scripts of any page may call the API with the cookies of its visitor, and read the answer.',
    remedy: 'Name the origins.',
  },
  'cors-everybody': {
    level: 'warning',
    why: 'Scripts of any page may read what is answered without credentials: right for a public API alone.',
    remedy: 'Name the origins, unless the API is public.',
  },
  'cors-expression': {
    level: 'warning',
    why: 'A dot without a backslash stands for any character: another host than the one that is meant may fit.',
    remedy: 'Write \\. for a dot, or name the origins.',
  },
  'cors-credentials': {
    level: 'warning',
    why: 'One page of all these that is taken over acts as any visitor of yours.',
    remedy: 'Name the few origins that need cookies.',
  },
  'cors-origin-open': {
    level: 'warning',
    inProduction: true,
    why: 'Whoever is on the way can put scripts into a page that came without TLS; localhost is whatever the visitor runs.',
    remedy: 'In production name origins with https alone.',
  },
  'hosts-missing': {
    level: 'warning',
    inProduction: true,
    why: 'Without a list the app answers for any Host: caches and links made of it can be led astray.',
    remedy: "Name them: kwik({ headers: { hosts: ['api.example.com'] } })",
  },
  'headers-off': {
    level: 'warning',
    inProduction: true,
    why: 'Browsers are told nothing of what may be loaded, framed or sniffed.',
    remedy: 'Take headers: false away.',
  },
  'hsts-off': {
    level: 'warning',
    inProduction: true,
    why: 'The first request of a browser may go out without TLS, where anybody on the way can answer it.',
    remedy: 'Take hsts: false away; it is sent over TLS alone.',
  },
  'proxies-missing': {
    level: 'warning',
    inProduction: true,
    why: 'Behind a proxy all callers have its address: they share one limit, and no request counts as TLS.',
    remedy:
      "Name the proxies by range: kwik({ trustedProxies: ['10.0.0.0/8'] }). Right as it is where nothing stands before the app.",
  },
  'proxies-wide': {
    level: 'problem',
    why: 'Callers inside a trusted range can say that they are anybody, and have no limit by address.',
    remedy: 'Name the addresses of the proxies alone.',
  },
  'database-no-tls': {
    level: 'problem',
    inProduction: true,
    why: 'Whoever is on the way reads and changes what goes to the database, its password too.',
    remedy: 'Add ?sslmode=verify-full to DATABASE_URL.',
  },
  'database-tls-unverified': {
    level: 'warning',
    inProduction: true,
    why: 'The connection is encrypted, but to whoever answers: the certificate is not checked.',
    remedy: 'Use sslmode=verify-full, with the CA of the server.',
  },
  'database-unreachable': {
    level: 'problem',
    why: 'The app is not ready while its database does not answer.',
    remedy: 'See that it runs, and that DATABASE_URL is right.',
  },
  'migrations-pending': {
    level: 'problem',
    why: 'The code expects tables and columns that are not there.',
    remedy: 'Run kwik db migrate.',
  },
  'migrations-changed': {
    level: 'warning',
    why: 'The file is another one than that which ran: a new database would get other tables.',
    remedy: 'Put the file back as it was, and write a new migration.',
  },
  'redis-no-tls': {
    level: 'problem',
    inProduction: true,
    why: 'Whoever is on the way reads and changes what goes to Redis, its password too.',
    remedy: 'Use rediss:// in REDIS_URL.',
  },
  'redis-no-password': {
    level: 'warning',
    inProduction: true,
    why: 'Whoever reaches the port can read and change all that the app keeps there.',
    remedy: 'Give the user of the app a password and put it into REDIS_URL.',
  },
  'redis-unreachable': {
    level: 'problem',
    why: 'Each process counts and remembers for itself; what is set to deny without Redis answers 503.',
    remedy: 'See that it runs, and that REDIS_URL is right.',
  },
  'redis-evicts': {
    level: 'problem',
    why: 'A key that Redis throws away is forgotten: a limit starts anew, an Idempotency-Key lets its write run twice.',
    remedy: 'CONFIG SET maxmemory-policy noeviction, or a Redis of its own for the cache.',
  },
  'redis-old': {
    level: 'problem',
    why: 'Kwik speaks RESP3 and uses commands that came with Redis 6.2.',
    remedy: 'Use Redis 7 or later.',
  },
  'redis-missing': {
    level: 'warning',
    inProduction: true,
    why: 'Each process counts limits and keys for itself: four processes let four times as much through.',
    remedy: 'Set redis, unless the app is one process.',
  },
  'limits-missing': {
    level: 'warning',
    inProduction: true,
    why: 'Passwords can be guessed as fast as they are hashed, and one caller can take all there is.',
    remedy: "Set rateLimit: { global: { limit: 600, per: '1m' } }; sign-in has a limit of its own then.",
  },
  'register-unverified': {
    level: 'warning',
    inProduction: true,
    why: 'Anybody can make accounts with addresses that are not theirs.',
    remedy: 'Verify addresses: accountsService(database, { register: { verify: true } })',
  },
  'mailer-log': {
    level: 'problem',
    inProduction: true,
    why: 'Links that reset passwords are written into the log and reach nobody.',
    remedy: 'Give a mailer that sends: smtp({ host, from })',
  },
  'body-limit-wide': {
    level: 'warning',
    why: 'A few large bodies at once fill the memory: each is kept whole while it is read.',
    remedy: 'Keep the limit of the app small, and say bodyLimit on the routes that need more.',
  },
  'timeout-wide': {
    level: 'warning',
    why: 'Requests that never end hold connections, transactions and memory.',
    remedy: 'Keep the limit of the app short, and say timeout on the routes that need more.',
  },
  'experimental-decorators': {
    level: 'problem',
    why: 'Bun then compiles the decorators of before the standard: controllers do not work.',
    remedy: 'Take experimentalDecorators out of tsconfig.json.',
  },
  'bun-old': {
    level: 'problem',
    why: 'Kwik is made for this version of Bun and later ones.',
    remedy: 'Update Bun: bun upgrade',
  },
  'packages-twice': {
    level: 'problem',
    why: 'Two copies do not know each other: schemas are not recognised, and plugins not put together.',
    remedy: 'Use the version that Kwik pins, and install anew.',
  },
} as const

export type Code = keyof typeof kinds

/** Everything that `kwik doctor` may say. A code keeps its meaning: build servers may look for it. */
export const codes: Readonly<Record<Code, Kind>> = kinds

/** One thing that was found. */
export interface Finding {
  readonly code: Code
  readonly level: Level
  /** Which setting, option, file or service. */
  readonly where: string
  /** What is wrong there. Never the value of a secret. */
  readonly what: string
  readonly why: string
  readonly remedy: string
}

export function finding(code: Code, where: string, what: string): Finding {
  const { level, why, remedy } = codes[code]
  return { code, level, where, what, why, remedy }
}
