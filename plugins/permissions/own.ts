import type { Own, OwnerCall, OwnerId } from '#core/requirement'

/**
 * A permission that somebody may also hold for what is theirs alone, as a value of `permission`. Who holds `posts:update`
 * passes, and nothing is loaded; who holds `posts:update:own` passes where the loader answers their id. From
 * `kwik/permissions`.
 *
 * @param name both it and `<name>:own` are declared
 * @param load answers the id of the owner: `null` where it is nobody's, `undefined` where it is not there. It runs before
 *   the handler, when the request was checked
 * @example
 * const postOwner = async ({ params, db }: OwnerCall<'id'>) => {
 *   const [post] = await db.drizzle.select().from(posts.for(db)).where(eq(posts.for(db).id, params.id))
 *   return post?.authorId
 * }
 * app.patch('/posts/:id', change, { permission: own('posts:update', postOwner) })
 */
export function own<const Name extends string, P extends string = string>(
  name: Name,
  load: (call: OwnerCall<P>) => OwnerId | Promise<OwnerId>,
): Own<Name> {
  return { own: name, load: load as Own['load'] }
}
