const weight: unique symbol = Symbol('kwik.weight')
type Weighed = Response & { [weight]?: number }

/** Notes how many bytes the body of a response has, where that is known without reading it. */
export function weighed(response: Weighed, bytes: number): Response {
  response[weight] = bytes
  return response
}

export const weightOf = (response: Weighed): number | undefined => response[weight]
