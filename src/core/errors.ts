import { defineProblems, type Refuse } from './problem.ts'

const kinds = {
  KWIK_BODY_MALFORMED: { status: 400, title: 'The body cannot be read' },
  KWIK_BODY_TOO_DEEP: { status: 400, title: 'The body is nested too deeply' },
  KWIK_URL_MALFORMED: { status: 400, title: 'The URL cannot be read' },
  KWIK_CREDENTIALS_AMBIGUOUS: { status: 400, title: 'More than one credential was sent' },
  KWIK_QUERY_INVALID: { status: 400, title: 'The query string is not right' },
  KWIK_UNAUTHENTICATED: { status: 401, title: 'Nobody is signed in' },
  KWIK_FORBIDDEN: { status: 403, title: 'The caller may not do this' },
  KWIK_TENANT_FOREIGN: { status: 403, title: 'The caller does not belong to this tenant' },
  KWIK_NOT_FOUND: { status: 404, title: 'There is nothing here' },
  KWIK_METHOD_NOT_ALLOWED: { status: 405, title: 'This path does not take this method' },
  KWIK_NOT_ACCEPTABLE: { status: 406, title: 'There is no form of this that the client takes' },
  KWIK_BODY_TIMEOUT: { status: 408, title: 'The body did not arrive in time' },
  KWIK_BODY_LENGTH_REQUIRED: { status: 411, title: 'The body needs a Content-Length' },
  KWIK_BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  KWIK_URL_TOO_LONG: { status: 414, title: 'The URL is too long' },
  KWIK_BODY_TYPE: { status: 415, title: 'The body has a content type that this route does not take' },
  KWIK_INVALID: { status: 422, title: 'The request does not fit its schema' },
  KWIK_INTERNAL: { status: 500, title: 'Something went wrong on our side' },
  KWIK_BOOT: { status: 500, title: 'This app is not ready to answer' },
  KWIK_RESPONSE_INVALID: { status: 500, title: 'The answer does not fit its schema' },
  KWIK_METHOD_UNKNOWN: { status: 501, title: 'This method is not known here' },
  KWIK_TIMEOUT: { status: 503, title: 'The answer took too long' },
  KWIK_DRAINING: { status: 503, title: 'This server is shutting down' },
  KWIK_UNAVAILABLE: { status: 503, title: 'A service that this needs is not available' },
  KWIK_STATUS: { status: 400, title: 'The request was refused' },
} as const

/** The problems of the core, by status. Each plugin keeps its own family in its own errors.ts. */
export const refuse: Refuse<typeof kinds> = defineProblems(kinds)
