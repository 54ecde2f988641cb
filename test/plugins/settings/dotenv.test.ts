import { describe, expect, test } from '#test'
import { parseDotenv } from '../../../plugins/settings/files/dotenv.ts'

const valuesOf = (text: string) =>
  Object.fromEntries(parseDotenv(text).variables.map(({ name, value }) => [name, value]))
const faultsOf = (text: string) => parseDotenv(text).faults.map((fault) => `${fault.line} ${fault.text}`)

describe('a .env file', () => {
  test('has names, values, comments and exports', () => {
    expect(valuesOf('A=1\n# no\n\n  B = two words  # said\nexport C=3\nD=\nE=a#b\nF=#\nG=a=b\n')).toEqual({
      A: '1',
      B: 'two words',
      C: '3',
      D: '',
      E: 'a#b',
      F: '',
      G: 'a=b',
    })
  })

  test('has values in quotes: as they stand in single ones, with escapes in double ones', () => {
    expect(
      valuesOf(
        String.raw`A=' a # b\n '
B="a \"q\" # b\n\t\\ \$ \x"   # said
C=` +
          '`it\'s "so"`' +
          '\nD=""',
      ),
    ).toEqual({ A: ' a # b\\n ', B: 'a "q" # b\n\t\\ $ \\x', C: 'it\'s "so"', D: '' })
  })

  test('has values over several lines, and knows the line of each', () => {
    const { variables, faults } = parseDotenv('A="one  \n  two\n"\nB=\'x\ny\' # end\nC=3')
    expect(faults).toEqual([])
    expect(variables).toEqual([
      { name: 'A', value: 'one  \n  two\n', line: 1 },
      { name: 'B', value: 'x\ny', line: 4 },
      { name: 'C', value: '3', line: 6 },
    ])
  })

  test('may come from Windows, with a byte order mark', () => {
    expect(valuesOf('\uFEFFA=1\r\nB="x\r\ny"\r\n')).toEqual({ A: '1', B: 'x\ny' })
  })

  test('interpolates nothing', () => {
    const reference = ['$', '{B}'].join('')
    expect(valuesOf(`A=${reference}\nB="$A"`)).toEqual({ A: reference, B: '$A' })
  })

  test('with mistakes names each with its line, and reads the rest', () => {
    const text = 'A=1\nnonsense\n2X=1\nB="open\nC=3'
    expect(faultsOf(text)).toEqual(['2 expected NAME=value', '3 expected NAME=value', '4 B: the closing " is missing'])
    expect(valuesOf(text)).toEqual({ A: '1', C: '3' })
    expect(faultsOf('A="x" y\nA=1\nA=2')).toEqual([
      '1 A: unexpected """ inside the value',
      '3 A was set on line 2 already',
    ])
  })
})
