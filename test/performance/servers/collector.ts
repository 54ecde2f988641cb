/** Takes what is exported by OTLP, and forgets it. It ends with who started it. */
const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: async (request) => {
    await request.arrayBuffer()
    return Response.json({})
  },
})
console.log(server.port)
for (const event of ['end', 'close', 'error']) process.stdin.on(event, () => process.exit(0))
process.stdin.resume()
