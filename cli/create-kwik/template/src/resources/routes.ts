// The routes of the resources: `kwik generate resource` adds to the marked parts, the rest is yours.
import { Elysia } from 'elysia'
// kwik:imports
// kwik:end

export const resources = new Elysia()
  // kwik:routes
  // kwik:end
