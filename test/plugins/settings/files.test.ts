import fc from 'fast-check'
import { stringify } from 'yaml'
import { describe, expect, test } from '#test'
import { parseJson } from '../../../plugins/settings/files/json.ts'
import { plainOf, type ReadFile } from '../../../plugins/settings/files/located.ts'
import { parseTree, parseYaml } from '../../../plugins/settings/files/yaml.ts'
import { readEvents } from '../../../plugins/settings/files/yaml-events.ts'
import { canary, mark } from '../../canary.ts'

const faultsOf = ({ faults }: ReadFile) => faults.map(({ place, text }) => `${place?.line}:${place?.column} ${text}`)
const placesOf = ({ tree }: ReadFile) => tree.fields.map(({ name, place, node }) => [name, place, node.place])

describe('a YAML file', () => {
  test('has values, each with its line and column', () => {
    const read = parseYaml('# first\nserver:\n  port: 8080\norigins: [a, b]\n"x y": "012"\nempty:\n')
    expect(plainOf(read.tree)).toEqual({ server: { port: 8080 }, origins: ['a', 'b'], 'x y': '012', empty: null })
    expect(placesOf(read)[1]).toEqual(['origins', { line: 4, column: 1 }, { line: 4, column: 10 }])
    expect(read.faults).toEqual([])
    expect(plainOf(parseYaml('').tree)).toEqual({})
    expect(plainOf(parseYaml('# nothing\n').tree)).toEqual({})
  })

  test('with a duplicate key, a tab or broken syntax is refused with line and column', () => {
    expect(faultsOf(parseYaml('a: 1\nb: 2\na: 3\n'))).toEqual(['3:1 the name was set already'])
    const inside = ['- { b: 1, "b": 2 }', '- c:\n      d: 1\n      d: 2'].map((item) => `list:\n  ${item}`)
    expect(inside.map((text) => faultsOf(parseYaml(text)))).toEqual([
      ['2:13 the name was set already'],
      ['4:7 the name was set already'],
    ])
    // However many names there are, each is looked at once.
    const many = Array.from({ length: 30_000 }, (_, n) => `k${n}: ${n}\n`).join('')
    expect(faultsOf(parseYaml(`${many}k1: 0\n`))).toEqual(['30001:1 the name was set already'])
    expect(faultsOf(parseYaml('a:\n\tb: 1\n'))[0]).toMatch(/^2:\d+ a tab indents the line/)
    // In an empty line it indents nothing.
    expect(faultsOf(parseYaml('a:\n\t\nb: 1\n'))).toEqual([])
    expect(faultsOf(parseYaml('a: "x\nb: 1\n'))[0]).toMatch(/^\d:\d+ a closing quote/)
    expect(faultsOf(parseYaml('a:\n  b: 1\n c: 2\n'))[0]).toMatch(/^3:\d+ /)
    expect(faultsOf(parseYaml('a: b: c\n'))[0]).toMatch(/^1:\d+ a colon stands inside/)
    expect(faultsOf(parseYaml('a: 1\n---\nb: 2\n'))[0]).toContain('more than one document')
    expect(faultsOf(parseYaml('- a\n'))).toEqual(['1:1 the file must have names with values'])
  })

  test('takes numbers in plain digits only: what means another number to somebody is a fault', () => {
    for (const number of ['012', '1e3', '0x10', '0o7', '.inf', '.nan', '9007199254740993', '+5'])
      expect(faultsOf(parseYaml(`a: 1\nb: ${number}\n`))[0]).toMatch(/^2:4 write numbers in plain digits/)
    expect(faultsOf(parseYaml('a: [1, 1e3]'))[0]).toMatch(/^1:8 /)
    expect(plainOf(parseYaml('a: 1.5\nb: -3\nc: "1e3"').tree)).toEqual({ a: 1.5, b: -3, c: '1e3' })
  })

  test('may use anchors, but not without end', () => {
    expect(plainOf(parseYaml('a: &x { b: 1 }\nc: *x\n').tree)).toEqual({ a: { b: 1 }, c: { b: 1 } })
    expect(faultsOf(parseYaml('a: &x\n  b: *x\n')).length).toBeGreaterThan(0)
    const bomb = [
      'a: &a [x, x]',
      ...[...'bcdefghi'].map((name, at) => `${name}: &${name} [${`*${'abcdefghi'[at]},`.repeat(9)}]`),
    ]
    const tooOften = /^\d:\d values are nested too deep, or aliased too often$/
    expect(faultsOf(parseYaml(bomb.join('\n')))[0]).toMatch(tooOften)
    const list = ['x', '*a', '*b', '*c'].map((item, at) => `${'abcd'[at]}: &${'abcd'[at]} [${`${item},`.repeat(9)}]`)
    expect(faultsOf(parseYaml(`${list.join('\n')}\nshop:\n  labels: *d\n`))).toContain(
      '6:11 values are nested too deep, or aliased too often',
    )
  })

  test('with an alias of no anchor says so, once', () => {
    const nothing = 'an alias has no anchor before it'
    expect(faultsOf(parseYaml('shop:\n  name: *nope\n'))).toEqual([`2:9 ${nothing}`])
    expect(faultsOf(parseYaml('list: [1, *nope, { a: *late }]\nb: &late 1\n'))).toEqual([
      `1:11 ${nothing}`,
      `1:23 ${nothing}`,
    ])
    expect(faultsOf(parseYaml('a: &a { b: *nope }\nc: *a\nd: *a\n'))).toEqual([`1:12 ${nothing}`])
    expect(faultsOf(parseYaml('*nope'))).toEqual([`1:1 ${nothing}`])
  })

  test('has no merge keys', () => {
    const merge = 'YAML 1.2 has no merge keys: write the names out'
    expect(faultsOf(parseYaml('a: &a { b: 1 }\nshop:\n  <<: *a\n'))).toEqual([`3:3 ${merge}`])
    expect(faultsOf(parseYaml('a: &a { b: 1 }\nshop:\n  - <<: [*a]\n'))).toEqual([`3:5 ${merge}`])
    expect(faultsOf(parseYaml('"<<": { a: 1 }\n'))).toEqual([])
  })

  test('may begin with a byte order mark, which moves no place', () => {
    for (const read of [parseYaml, parseTree])
      expect(placesOf(read('\uFEFFshopp: 1'))).toEqual([['shopp', { line: 1, column: 1 }, { line: 1, column: 8 }]])
  })

  test('with a bracket that is never closed says so', () => {
    for (const text of ['shop: {name: a', 'shop: [a', '{ a: 1', 'shop: {name: a\nb: 1\n'])
      expect(faultsOf(parseYaml(text))[0]).toMatch(/^\d:\d+ a bracket is not closed/)
    expect(faultsOf(parseYaml('a:\n  b: 1\n c: 2\n'))[0]).toContain('indented differently')
  })

  test('shows nothing of its text where it is wrong', () => {
    for (const text of [
      `key: "${canary}\n`,
      `${canary}: a: b`,
      `a: @${canary}`,
      `a: *${canary}`,
      `a: !${canary} x`,
      `a: ]${canary}`,
      `%${canary}`,
    ])
      expect(JSON.stringify(faultsOf(parseYaml(text)))).not.toContain(mark)
  })
})

describe('a YAML file without mistakes is read from events, and means the same as in a tree', () => {
  const same = (text: string): void =>
    expect({ text, tree: readEvents(text) }).toEqual({ text, tree: parseTree(text).tree })

  test('whatever it is written with', () => {
    for (const text of [
      '',
      '# nothing\n',
      '---\n# first\na: 1 # one\n\nb:\n  c: x y\n...\n',
      'a:\nb: # none\n  \nc: ~\nd: null\ne : \n"f":\ng: { i: , j: 1 }\n',
      'a: true\nb: False\nc: yes\nd: 2020-01-01\ne: 1.5\nf: -3\ng: 10.0.0.1\nh: 1_000\ni: 5m\nj: -0\nk: Infinity\nl: NULLS\n',
      "a: 'it''s'\nb: \"\\u0041\\n\"\n'c d': \"012\"\n? e\n: 1\n",
      'a: |\n  x\n   y\nb: >-  # a | b\n  x\n  y\n\n  z\nc:\n  |2+\n    x\n\nd: x\n  y\n\n  z\n',
      'a: [1, "2", { b: c }, d: e, [f]]\nb:\n- 1\n- c: 2\n  d:\n  - 3\n-\n- - 4\n',
      '{ "a": 1, b: [x,\n  y] }',
      'a: &x { b: &y [1] }\nc: *x\nd: [*y, *y]\ne: &z\n  f: *x\ng: *z\nh: &w 5\ni: *w\n',
      '<<: 1\n__proto__: 2\nconstructor: { __proto__: 3 }\nlist: [{ __proto__: 4 }]\n1: a\ntrue: b\n',
      '\uFEFFa:\r\n  b: 1\r\n  c:\r\n',
    ])
      same(text)
  })

  test('whatever the values are', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.constantFrom('012', 'null', '~', 'a: b', '- a', '# a', 'x\ny\n', ' x', '*a', ''),
    )
    const value = fc.letrec((tie) => ({
      any: fc.oneof({ maxDepth: 4 }, texts, fc.integer(), fc.boolean(), fc.constant(null), tie('list'), tie('map')),
      list: fc.array(tie('any')),
      map: fc.dictionary(fc.oneof(fc.stringMatching(/^[a-z]\w*$/), texts), tie('any')),
    })).map
    const ways = fc.record({
      indent: fc.constantFrom(2, 4),
      collectionStyle: fc.constantFrom('any', 'block', 'flow'),
      defaultStringType: fc.constantFrom('PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE', 'BLOCK_FOLDED', 'BLOCK_LITERAL'),
    })
    fc.assert(
      fc.property(value, ways, (values, how) => {
        const text = stringify(values, how as never)
        if (readEvents(text) !== undefined) same(text)
        expect(plainOf(parseYaml(text).tree)).toEqual(plainOf(parseTree(text).tree))
      }),
    )
  })

  test('and what is wrong or unusual is left to the tree', () => {
    for (const text of [
      'a: 1\na: 2\n',
      'a: [{ b: 1, "b": 2 }]\n',
      'a: 012\n',
      'a: 1e999\n',
      'a: !!str 1\n',
      '!!map\na: 1\n',
      '%YAML 1.1\n---\na: yes\n',
      'a: 1\n---\nb: 2\n',
      '? [a]\n: 1\n',
      '{ a, b }\n',
      '~: 1\n',
      '1.0: 1\n',
      '- a\n',
      'a: *x\n',
      'a: &x { b: 1 }\nc: { <<: *x }\n',
      'a: &x\n  b: *x\n',
      'a: &x 1\nb: &x 2\n',
      `a: &x 1\nb: [${'*x,'.repeat(101)}]\n`,
      `${Array.from({ length: 70 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')}`,
      'a:\n\tb: 1\n',
    ])
      expect({ text, tree: readEvents(text) }).toEqual({ text, tree: undefined })
  })

  test('aliases of aliases count as often as they are copied', () => {
    const twice = (name: string, of: string): string => `${name}: &${name} { l: *${of}, r: *${of} }\n`
    const bomb = `a: &a { l: 1 }\n${['ba', 'cb', 'dc', 'ed', 'fe', 'gf'].map(([name, of]) => twice(name!, of!)).join('')}`
    same(`${bomb.split('\n').slice(0, 4).join('\n')}\n`)
    expect(readEvents(bomb)).toBeUndefined()
    expect(faultsOf(parseYaml(bomb))[0]).toMatch(/values are nested too deep, or aliased too often$/)
  })

  test('in ten thousand nested names each mistake is told once, where it stands', () => {
    const group = (n: number): string =>
      `g${n}:\n${Array.from({ length: 99 }, (_, k) => `  k${k}: text ${k}\n`).join('')}`
    const many = Array.from({ length: 101 }, (_, n) => group(n)).join('')
    expect(readEvents(many)?.fields.at(-1)).toMatchObject({ name: 'g100', place: { line: 10_001, column: 1 } })
    expect(faultsOf(parseYaml(`${many}  k7: 0\ng5: 0\n`))).toEqual([
      '10102:1 the name was set already',
      '10101:3 the name was set already',
    ])
  })
})

describe('a JSON file', () => {
  test('has values, each with its line and column', () => {
    const read = parseJson('\uFEFF{\n  "a": { "b": [1, "x", null, true] },\n  "c": -1.5\n}\n')
    expect(plainOf(read.tree)).toEqual({ a: { b: [1, 'x', null, true] }, c: -1.5 })
    expect(placesOf(read)[1]).toEqual(['c', { line: 3, column: 3 }, { line: 3, column: 8 }])
  })

  test('with a mistake is refused with line and column', () => {
    const first = (text: string) => faultsOf(parseJson(text))[0]
    expect(first('{\n  "a": 1,\n  "a": 2\n}')).toBe('3:3 "a" was set on line 2 already')
    expect(first('{"a": 1,}')).toBe('1:9 a comma stands before the closing }')
    expect(first('{"a" 1}')).toBe('1:6 expected a colon after the name')
    expect(first('{"a": 1 "b": 2}')).toBe('1:9 expected a comma or the closing }')
    expect(first('{"a": "x}')).toBe('1:7 the closing " is missing')
    expect(first('{"a": tru}')).toBe('1:7 expected a value')
    expect(first('{a: 1}')).toBe('1:2 expected a name in double quotes')
    expect(first('[1]')).toBe('1:1 the file must be a JSON object')
    expect(first('{} {}')).toBe('1:4 the file must end after its object')
    expect(first('{"a": [1, 2')).toContain('expected a comma or the closing ]')
    expect(first('{"a": "\\x"}')).toContain('none of JSON')
    expect(first('{"a": 1e3}')).toContain('plain digits')
    expect(first('{"a": 9007199254740993}')).toContain('plain digits')
    expect(first('{"a": 012}')).toContain('plain digits')
    expect(first(`{"a": ${'['.repeat(70)}`)).toContain('nested')
    expect(first('')).toBe('1:1 the file must be a JSON object')
  })

  test('means the same as to JSON.parse', () => {
    const numbers = fc.oneof(fc.integer(), fc.constantFrom(0.5, -1.25, 10.75))
    const value = fc.letrec((tie) => ({
      any: fc.oneof({ maxDepth: 4 }, fc.string(), numbers, fc.boolean(), fc.constant(null), tie('list'), tie('map')),
      list: fc.array(tie('any')),
      map: fc.dictionary(fc.string(), tie('any')),
    })).map
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 2), (tree, indent) => {
        const text = JSON.stringify(tree, undefined, indent)
        const read = parseJson(text)
        expect(read.faults).toEqual([])
        expect(JSON.stringify(plainOf(read.tree))).toBe(JSON.stringify(JSON.parse(text)))
      }),
    )
  })
})
