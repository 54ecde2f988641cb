export const managers = ['bun', 'npm', 'pnpm', 'yarn'] as const
export type Manager = (typeof managers)[number]

/** The package manager that runs us, as it says in `npm_config_user_agent`. */
export function managerOf(agent: string | undefined): Manager {
  return managers.find((one) => agent?.startsWith(`${one}/`)) ?? 'bun'
}
