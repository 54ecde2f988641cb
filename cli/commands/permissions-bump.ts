import { buildCommand, type Command, type CommandContext } from '@stricli/core'

export const bumpPermissions: Command<CommandContext> = buildCommand({
  docs: {
    brief: 'Make every process read anew what everybody may do',
    fullDescription:
      'For changes of users, roles and permissions that were made with SQL: what the routes and the service change counts at once anyway.',
  },
  parameters: {},
  loader: async () => {
    const { bump } = await import('../running/bump.ts')
    return () => bump()
  },
})
