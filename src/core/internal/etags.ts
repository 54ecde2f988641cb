/** Whether a client has what a tag stands for (If-None-Match; RFC 9110, 13.1.2): weak tags are as good as strong ones. */
export function isKnownTag(header: string | null, tag: string): boolean {
  if (header === null) return false
  return header.split(',').some((one) => one.trim() === '*' || bare(one.trim()) === bare(tag))
}

const bare = (tag: string): string => tag.replace(/^W\//, '')
