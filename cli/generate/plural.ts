/** Words that are one and many at once. */
const unchanging: ReadonlySet<string> = new Set(
  'news series species sheep fish deer equipment information money rice media software hardware metadata feedback staff'.split(
    ' ',
  ),
)

const irregular: ReadonlyMap<string, string> = new Map(
  Object.entries({
    person: 'people',
    man: 'men',
    woman: 'women',
    child: 'children',
    foot: 'feet',
    tooth: 'teeth',
    goose: 'geese',
    mouse: 'mice',
    ox: 'oxen',
    leaf: 'leaves',
    knife: 'knives',
    life: 'lives',
    wife: 'wives',
    half: 'halves',
    shelf: 'shelves',
    wolf: 'wolves',
    hero: 'heroes',
    potato: 'potatoes',
    tomato: 'tomatoes',
    echo: 'echoes',
    criterion: 'criteria',
    phenomenon: 'phenomena',
    index: 'indexes',
    vertex: 'vertices',
    movie: 'movies',
    cookie: 'cookies',
    quiz: 'quizzes',
    cache: 'caches',
    lens: 'lenses',
    menu: 'menus',
    analysis: 'analyses',
    thesis: 'theses',
    hypothesis: 'hypotheses',
    crisis: 'crises',
  }),
)
const irregularBack: ReadonlyMap<string, string> = new Map([...irregular].map(([one, many]) => [many, one]))

const onLastWord = (word: string, change: (last: string) => string): string =>
  word.replace(/[^-]+$/, (last) => change(last))

/** The plural of an English noun in kebab-case; only its last word changes. */
export function plural(word: string): string {
  return onLastWord(word, (last) => {
    if (unchanging.has(last)) return last
    const known = irregular.get(last)
    if (known !== undefined) return known
    if (/[^aeiou]y$/.test(last)) return `${last.slice(0, -1)}ies`
    if (/(s|x|z|ch|sh)$/.test(last)) return `${last}es`
    return `${last}s`
  })
}

/** The singular of an English noun in kebab-case, whether it was given as one or as many. */
export function singular(word: string): string {
  return onLastWord(word, (last) => {
    if (unchanging.has(last) || irregular.has(last)) return last
    const known = irregularBack.get(last)
    if (known !== undefined) return known
    if (/[^aeiou]ies$/.test(last)) return `${last.slice(0, -3)}y`
    if (/(ss|sh|ch|x|zz|[^oa]us)es$/.test(last)) return last.slice(0, -2)
    if (/(ss|us|is|os|as)$/.test(last)) return last
    if (/s$/.test(last) && last.length > 2) return last.slice(0, -1)
    return last
  })
}
