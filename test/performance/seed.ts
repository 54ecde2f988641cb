export async function seed(): Promise<{ path: string; remove(): void }> {
  return { path: '', remove() {} }
}
