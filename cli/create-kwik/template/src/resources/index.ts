// What the resources of the app bring: `kwik generate resource` adds to the marked parts, the rest is yours.
// kwik:imports
// kwik:end

/** The tables of the resources. */
export const tables = {
  // kwik:tables
  // kwik:end
}

/** The permissions that their routes ask for. */
export const permissions = [
  // kwik:permissions
  // kwik:end
] as const
