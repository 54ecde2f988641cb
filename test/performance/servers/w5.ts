/** W5: one body of 2 KB, the same for all servers. */
export const body: { readonly items: readonly object[] } = {
  items: Array.from({ length: 18 }, (_, at) => ({
    id: `01a214f1-71f4-7000-9ecd-${String(at).padStart(12, '0')}`,
    name: `Tea pot number ${at}, of iron`,
    price: 12.5 + at,
    live: true,
  })),
}
