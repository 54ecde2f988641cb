/** Switches tracing on for tests, before the app is booted: spans then go to the test's collector, too. */
export class TracingSwitch {
  on = false
  /** Whether an app was booted with it: what comes later changes nothing. */
  read = false
}
