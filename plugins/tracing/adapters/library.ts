type Api = typeof import('@opentelemetry/api')
type Sdk = typeof import('@opentelemetry/sdk-trace-base')
type Core = typeof import('@opentelemetry/core')

export interface Library {
  readonly api: Api
  readonly sdk: Sdk
  readonly core: Core
}

/** A library, once it was needed: apps that trace nothing never load it. */
let api: Api | undefined

/** OpenTelemetry's API, where something has loaded it. */
export const loadedApi = (): Api | undefined => api

/** @throws {Error} saying what to install */
export async function loadLibrary(): Promise<Library> {
  try {
    const [one, sdk, core] = await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/core'),
    ])
    api = one
    return { api: one, sdk, core }
  } catch (cause) {
    throw new Error(
      'tracing needs OpenTelemetry: bun add --exact @opentelemetry/api@1.9.0 @opentelemetry/sdk-trace-base@2.0.0 @opentelemetry/core@2.0.0',
      { cause },
    )
  }
}
