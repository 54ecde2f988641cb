/** The time. Tests travel with it; everything in Kwik that needs the time asks it. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number
}
