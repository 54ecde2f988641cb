/** The port that a server of the bench says on its standard error. */
export async function announced(stderr: ReadableStream<Uint8Array>, name: string): Promise<number> {
  let said = ''
  const decoder = new TextDecoder()
  for await (const chunk of stderr as unknown as AsyncIterable<Uint8Array>) {
    said += decoder.decode(chunk, { stream: true })
    const port = /\{"port":(\d+)\}/.exec(said)?.[1]
    if (port !== undefined) return Number(port)
  }
  throw new Error(`the server ${name} did not start:\n${said}`)
}
