import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { Elysia } from 'elysia'
import { boot } from '#core/boot'
import type { RouteFacts } from '#core/works'
import { SettingsError } from '../../plugins/settings/index.ts'
import type { KwikOptions } from '../../src/kwik.types.ts'
import { type Services, servicesOf } from '../../src/services.ts'
import type { Project } from '../project.ts'
import { type Finding, finding } from './codes.ts'

/** What of an app's settings is looked at, where it has settings of this form. */
export interface SettingsOfApp {
  readonly profile: string
  readonly current: { readonly database?: { readonly url?: unknown }; readonly redis?: { readonly url?: unknown } }
  explain?(key: string): { readonly from: string }
}

/** What is looked at. Parts that could not be loaded are not there. */
export interface Subject {
  readonly project: Project
  /** Whether it is judged as it would run in production. */
  readonly production: boolean
  readonly profile: string
  readonly settings?: SettingsOfApp
  readonly services?: Services
  readonly options?: KwikOptions
  readonly routes: readonly RouteFacts[]
}

/** Looks at one side of an app. */
export type Check = (subject: Subject) => readonly Finding[] | Promise<readonly Finding[]>

/** Loads the app as far as it can be loaded; what cannot is found. */
export async function subjectOf(project: Project): Promise<{ subject: Subject; findings: readonly Finding[] }> {
  const findings: Finding[] = []
  const load = async (file: string): Promise<Readonly<Record<string, unknown>>> => {
    const path = project.path(file)
    if (!existsSync(path)) return {}
    try {
      return (await import(pathToFileURL(path).href)) as Record<string, unknown>
    } catch (error) {
      findings.push(...troubleOf(error, file))
      return {}
    }
  }
  // Paths in settings, such as sqlite:./data/app.sqlite, are the app's.
  process.chdir(project.root)
  const settings = settingsIn(await load('src/settings.ts'))
  const profile = settings?.profile ?? process.env['KWIK_PROFILE'] ?? process.env['NODE_ENV'] ?? 'development'
  const base = { project, profile, production: profile === 'production', ...(settings && { settings }), routes: [] }
  // What follows would say the same once more.
  if (findings.length > 0) return { subject: base, findings }
  const services = servicesIn(await load('src/platform.ts'), findings)
  const routes = findings.length > 0 ? [] : await routesIn(await load('src/app.ts'), findings)
  return { subject: { ...base, ...(services && { services, options: services.options }), routes }, findings }
}

function troubleOf(error: unknown, file: string): readonly Finding[] {
  if (error instanceof SettingsError || (error as { code?: unknown }).code === SettingsError.code)
    return (error as SettingsError).faults.map((fault) => finding('settings-invalid', file, fault))
  return [finding('app-broken', file, (error as Error).message)]
}

function settingsIn({ settings }: Readonly<Record<string, unknown>>): SettingsOfApp | undefined {
  const found = settings as Partial<SettingsOfApp> | undefined
  return typeof found?.profile === 'string' && typeof found.current === 'object' ? (found as SettingsOfApp) : undefined
}

function servicesIn({ platform }: Readonly<Record<string, unknown>>, findings: Finding[]): Services | undefined {
  if (findings.length > 0) return undefined
  try {
    return servicesOf(platform as never)
  } catch {
    const what = 'exports no "platform" that kwik({...}) made, as "bun create kwik" writes it'
    findings.push(finding('app-broken', 'src/platform.ts', what))
    return undefined
  }
}

async function routesIn(
  { app }: Readonly<Record<string, unknown>>,
  findings: Finding[],
): Promise<readonly RouteFacts[]> {
  if (findings.length > 0) return []
  try {
    if (!(app instanceof Elysia)) throw new TypeError('exports no "app", as "bun create kwik" writes it')
    await app.modules
    return boot(app).facts
  } catch (error) {
    findings.push(finding('app-broken', 'src/app.ts', (error as Error).message))
    return []
  }
}
