export type {
  ClaimTenantOptions,
  FunctionTenantOptions,
  HeaderTenantOptions,
  HostTenantOptions,
  TenantResolver,
  TenantsOptions,
} from './options.ts'
export { type TenantsPlugin, tenants } from './plugin.ts'
