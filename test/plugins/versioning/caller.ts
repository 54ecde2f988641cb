import { definePlugin, type KwikPlugin, type User } from 'kwik/core'

/** Everybody is this user. */
export const authenticatedBy = (user: User): KwikPlugin<{}> =>
  definePlugin<KwikPlugin<{}>, object>({
    name: 'caller',
    options: {},
    keys: [],
    setup: () => ({
      authenticator: {
        way: 'bearer',
        authenticate: () => ({ id: user.id, via: 'bearer', user, permissions: new Set(['*']) }),
      },
    }),
  })
