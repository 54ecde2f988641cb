import { type TSchema, Type } from '@sinclair/typebox'
import type { AnyElysia } from 'elysia'
import { actorOf } from './actor.ts'
import { resetsOf } from './assignments.ts'
import { refuse } from './errors.ts'
import type { Written } from './inserts.ts'
import type { Values } from './options.ts'
import type { Parts } from './parts.ts'
import { expectedBy, versionMissing } from './preconditions.ts'
import { type Asked, answering, locationOf } from './routes.ts'

/**
 * `PUT /products?by=sku`: 201 for a row that it made, 200 for one that it wrote. With `If-Match` the row must be there,
 * with `If-None-Match: *` it must not.
 */
export function upsertRoute(app: AnyElysia, { names, options, model, work, upserts, schemas, words }: Parts): void {
  const targets = new Map((options.upsert ?? []).map((one) => [[one].flat().join(','), upserts.fields([one].flat())]))
  const choices = [...targets.keys()].map((word): TSchema => Type.Literal(word))
  const by = Type.Union(choices, { description: 'The unique fields by which the row is found.' })
  const answer = answering(model)
  const precondition = (detail: string) => refuse('KWIK_RESOURCE_PRECONDITION', { detail })

  const written = async ({ request, query, body }: Asked): Promise<Written> => {
    const fields = targets.get(query['by']!)!
    const actor = actorOf(request, 'upsert')
    const values = body as Values
    const expected = expectedBy(request.headers.get('if-match'))
    const mustBeNew = request.headers.get('if-none-match')?.trim() === '*'
    if (mustBeNew) {
      const made = await upserts.createIfNotExist(values, fields, actor)
      if (made.created) return made
      throw precondition(`there is such a ${names.word} already, but If-None-Match says that there must be none`)
    }
    if (expected === undefined) {
      if (options.version === 'required') throw versionMissing('send If-Match, or If-None-Match: *')
      return upserts.upsert(values, fields, actor)
    }
    const there = await upserts.find(values, fields, actor)
    if (!there) throw precondition(`there is no such ${names.word}, but If-Match says that there must be one`)
    const changes = Object.fromEntries(
      model.changeable.flatMap(({ name }) => (name in values ? [[name, values[name]]] : [])),
    )
    // As without the precondition: a default that only code or the database knows stays what it was.
    return { row: await work.replace(there[model.key.name], changes, actor, expected, resetsOf), created: false }
  }

  app.put(
    '',
    (async ({ request, query, body, params, set }: Asked) => {
      const { row, created } = await written({ request, query, body, params, set })
      if (created) {
        set.status = 201
        set.headers['location'] = locationOf(request, row[model.key.name])
      }
      return answer(row, set)
    }) as never,
    words('upsert', { body: schemas.create, query: Type.Object({ by }, { additionalProperties: false }) }),
  )
}
