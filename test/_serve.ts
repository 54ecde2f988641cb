import { app } from '../docs/examples/shop/app.ts'
app.listen({ port: 4556, hostname: '127.0.0.1' })
