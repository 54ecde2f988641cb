/**
 * One side of the bench of sign-ins: `watch <base> <ms>` asks the other route, `login <base> <times>` signs in, `burst <base>
 * <times>` asks the other route as many times at once.
 */
const [what, base = '', amount = '0'] = process.argv.slice(2)
/** Milliseconds between two requests of who watches. */
const each = 5

async function watch(ms: number): Promise<object> {
  const seen: Promise<number>[] = []
  for (const end = performance.now() + ms; performance.now() < end; await Bun.sleep(each)) {
    const begun = performance.now()
    seen.push(
      fetch(`${base}/other`)
        .then((answer) => answer.text())
        .then(() => performance.now() - begun),
    )
  }
  return { times: await Promise.all(seen) }
}

async function login(times: number): Promise<object> {
  const begun = performance.now()
  const statuses = await Promise.all(
    Array.from({ length: times }, async (_, at) => {
      const answer = await fetch(`${base}/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: `user-${at}@example.com`, password: 'correct horse battery' }),
      })
      await answer.text()
      return answer.status
    }),
  )
  const count = (status: number): number => statuses.filter((one) => one === status).length
  const [right, refused] = [count(200), count(503)]
  return { right, refused, other: times - right - refused, ms: performance.now() - begun }
}

async function burst(times: number): Promise<object> {
  await Promise.all(Array.from({ length: times }, async () => (await fetch(`${base}/other`)).text()))
  return {}
}

console.log(JSON.stringify(await { watch, login, burst }[what as 'watch']!(Number(amount))))
