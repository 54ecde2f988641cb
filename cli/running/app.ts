import { type AnyElysia, Elysia } from 'elysia'
import { type App, boot } from '#core/boot'
import type { PermissionsOptions } from '../../plugins/permissions/index.ts'
import { exported, type Project } from '../project.ts'

/** The app of a project, with its lazy modules, booted. */
export async function bootedApp(project: Project): Promise<App> {
  const app: AnyElysia = await exported(project, 'src/app.ts', 'app', (value) => value instanceof Elysia)
  await app.modules
  return boot(app)
}

/** The permissions that an app declares; `undefined` for one without. */
export function declaredIn({ works }: App): readonly string[] | undefined {
  const one = [...works.keys()].find(({ name }) => name === 'permissions')
  return one && (one.options as PermissionsOptions).declared
}

/** Whether the app keeps users and roles. */
export const hasAccounts = ({ works }: App): boolean => [...works.keys()].some(({ name }) => name === 'accounts')
