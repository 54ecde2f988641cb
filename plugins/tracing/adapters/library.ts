export type Api = typeof import('@opentelemetry/api')

/** OpenTelemetry's API, once it was needed: apps that trace nothing never load it. */
let api: Api | undefined

export const loadedApi = (): Api | undefined => api

/** @throws {Error} saying what to install */
export async function loadApi(): Promise<Api> {
  try {
    api = await import('@opentelemetry/api')
    return api
  } catch (cause) {
    throw new Error('tracing needs OpenTelemetry: bun add --exact @opentelemetry/api@1.9.0', { cause })
  }
}
