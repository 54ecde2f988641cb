/** Whether a host is this machine: what goes there is on no wire. */
export const isNear = (host: string): boolean =>
  host === '' || host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127\./.test(host)
