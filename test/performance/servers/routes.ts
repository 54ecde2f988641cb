import { type AnyElysia, t } from 'elysia'

/** W1 to W3 as an Elysia app has them: the same routes bare and under Kwik. */
export function withRoutes(app: AnyElysia, said: Readonly<Record<string, unknown>>): AnyElysia {
  return app
    .get('/', () => 'hello', { ...said })
    .get(
      '/users/:id',
      ({ params, query, headers, set }) => {
        set.headers['x-powered-by'] = 'bench'
        return { id: params.id, name: query['name'], tag: headers['x-tag'] }
      },
      {
        ...said,
        params: t.Object({ id: t.String() }),
        query: t.Object({ name: t.String() }),
        headers: t.Object({ 'x-tag': t.String() }),
      },
    )
    .post('/products', ({ body }) => body, {
      ...said,
      body: t.Object({
        name: t.String({ minLength: 1, maxLength: 80 }),
        price: t.Number({ minimum: 0 }),
        stock: t.Integer(),
        live: t.Boolean(),
        tags: t.Array(t.String()),
      }),
    })
}
