import { Glob } from 'bun'

/** Tests of attacks, core, contracts and plugins run on Deno too; these do not, and why. */
export const bunOnly: Readonly<Record<string, string>> = {
  'test/core/bad-requests.test.ts': 'speaks to a listening Elysia by raw sockets',
  'test/core/failures.test.ts': 'speaks to a listening Elysia by raw sockets',
  'test/core/head.test.ts': 'speaks to a listening Elysia by raw sockets',
  'test/core/lifecycle.test.ts': 'starts programs that call listen(); test/core/serve.test.ts holds stopping on both',
  'test/core/response-end.test.ts':
    'generators of strings, and redirects to a path, are not answered by Elysia on Deno',
  'test/plugins/accounts/hashing-threads.test.ts': 'Bun.password',
  'test/plugins/accounts/kept-answers.test.ts': 'Bun.password',
  'test/plugins/accounts/login.test.ts': 'Bun.password',
  'test/plugins/accounts/roles.test.ts': 'Bun.password',
  'test/plugins/accounts/standing.test.ts': 'Bun.password',
  'test/plugins/accounts/users.test.ts': 'Bun.password',
  'test/plugins/cache/checker/checker.test.ts': 'starts programs that call listen(); the engine is tested on both',
  'test/plugins/health/health.test.ts': 'calls listen()',
  'test/plugins/logging/access.test.ts': 'generators of strings are not answered by Elysia on Deno',
  'test/plugins/logging/context.test.ts': 'generators of strings are not answered by Elysia on Deno',
  'test/plugins/logging/output.test.ts': 'Bun.spawn',
  'test/plugins/openapi/client.test.ts': 'generates and compiles a client with Bun',
  'test/plugins/permissions/socket.test.ts': 'calls listen()',
  'test/plugins/settings/secret.test.ts': 'Bun.spawn',
  'test/plugins/shaping/fuzz-memory.test.ts': 'Bun.spawn',
  'test/plugins/shaping/export-memory.test.ts': 'Bun.spawn',
  'test/plugins/shaping/plugin.test.ts': 'calls listen()',
  'test/plugins/shaping/reference.test.ts': 'reads the docs by import.meta.dir',
  'test/plugins/tokens/socket.test.ts': 'calls listen()',
}

/** Files that run on Deno. */
export function denoFiles(root: string): string[] {
  const all = [...new Glob('test/{attacks,core,contracts,plugins}/**/*.test.ts').scanSync(root)].sort()
  const gone = Object.keys(bunOnly).filter((file) => !all.includes(file))
  if (gone.length > 0) throw new Error(`test/runtime/files.ts names files that are not there: ${gone.join(', ')}`)
  return all.filter((file) => !(file in bunOnly))
}
