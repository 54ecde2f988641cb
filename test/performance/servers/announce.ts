/** Tells the bench which port a server took. */
export function announce(port: number | undefined): void {
  console.error(JSON.stringify({ port }))
}
