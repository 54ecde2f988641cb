import { refuse as notThere } from '#core/errors'
import type { ProblemError } from '#core/problem'
import type { Scope } from '#core/scope'
import type { Api, Version } from '../api.ts'
import type { Window } from '../dates.ts'
import { refuse } from '../errors.ts'
import { successorLink } from '../leading.ts'
import type { Endpoints } from '../routes/endpoints.ts'

/** Versions, and where each has its routes. */
export interface Served {
  readonly api: Api
  readonly endpoints: Endpoints
}

const typesOf = (api: Api, now: number): string[] => api.living(now).map(({ name }) => api.vendor.of(name))

/** 406, with the versions that there are. @param parameter the header that named another */
export const unknownVersion = (api: Api, now: number, parameter: string): ProblemError =>
  refuse('KWIK_VERSION_UNKNOWN', {
    detail: `Ask for one of the versions ${api
      .living(now)
      .map(({ name }) => name)
      .join(', ')}.`,
    errors: [
      {
        code: 'unknown-version',
        detail: 'names no version that is served',
        parameter,
        allowed: parameter === 'accept' ? typesOf(api, now) : api.living(now).map(({ name }) => name),
      },
    ],
  })

/** 404: there is no such path, and what is wrong with it is its version. */
export const unknownPath = (api: Api, now: number, name: string): ProblemError =>
  notThere('KWIK_NOT_FOUND', {
    detail: `There is no version ${name}: ask for ${api
      .living(now)
      .map((one) => `/v${one.name}`)
      .join(', ')}.`,
  })

/** 415. */
export const unknownBody = (api: Api, now: number): ProblemError => {
  const allowed = ['application/json', ...typesOf(api, now)]
  return refuse(
    'KWIK_VERSION_BODY_UNKNOWN',
    {
      detail: 'Send the body in a version that there is.',
      errors: [{ code: 'unknown-version', detail: 'names no version of this API', parameter: 'content-type', allowed }],
    },
    { accept: allowed.join(', ') },
  )
}

/** 410, with where to go (RFC 5829). */
export const retired = ({ api, endpoints }: Served, version: Version, scope: Scope): ProblemError =>
  refuse(
    'KWIK_VERSION_RETIRED',
    { detail: `Version ${version.name} was retired: ask for ${api.vendor.of(api.newest.name)}.` },
    { link: linksFrom(api, endpoints, version, scope), 'api-version': version.name },
  )

/** 410 for a while: what the end of the version will be like. */
export const brownout = (
  { api, endpoints }: Served,
  version: Version,
  scope: Scope,
  { to }: Window,
  now: number,
): ProblemError =>
  refuse(
    'KWIK_VERSION_BROWNOUT',
    { detail: `Version ${version.name} will be retired: move to ${api.vendor.of(api.newest.name)}.` },
    {
      link: linksFrom(api, endpoints, version, scope),
      'api-version': version.name,
      'retry-after': String(Math.ceil((to - now) / 1000)),
    },
  )

const linksFrom = (api: Api, endpoints: Endpoints, version: Version, scope: Scope): string => {
  const { headers, docs } = version
  return [
    successorLink(api, endpoints, version, scope),
    ...headers.links,
    ...(docs !== undefined && headers.links.length === 0 ? [`<${docs}>; rel="deprecation"; type="text/html"`] : []),
  ].join(', ')
}
