// Written by `bun tools/platform-settings.ts` from the options of each part.
import { either, flag, is, type Setting, type Settings, setting, settings, text } from './forms.ts'

export type OpenapiSettings = Settings<{
  title: Setting<string>
  version: Setting<string>
  description: Setting<string>
  path: Setting<string>
  alias: Setting<string | false>
  page: Setting<boolean>
  public: Setting<boolean>
  permission: Setting<string>
}>

export const openapi: OpenapiSettings = settings({
  title: setting<string>(text, { description: 'Name of the API.', byDefault: "'API'" }),
  version: setting<string>(text, { description: 'Version of the API, not of OpenAPI.', byDefault: "'1.0.0'" }),
  description: setting<string>(text, { description: 'What the API is for. CommonMark.' }),
  path: setting<string>(text, {
    description: 'Path of the page; the document is at `<path>/json`.',
    byDefault: "'/openapi'",
  }),
  alias: setting<string | false>(either(text, is(false)), {
    description: 'The same a second time, for those who know it by that name; `false` for none.',
    byDefault: "'/swagger'",
  }),
  page: setting<boolean>(flag, { description: 'Serve the page beside the document.', byDefault: 'true' }),
  public: setting<boolean>(flag, {
    description:
      'Let anybody read the document. It names every path and permission of the app: say `false` where that is a secret.',
    byDefault: 'true',
  }),
  permission: setting<string>(text, { description: 'Ask for this permission instead of letting anybody read.' }),
})
