/** Patterns that check what formats leave open, in the grammar of JSON Schema (ECMA-262). */

const leapYear = '(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)'
const dayOf = `(?:(?!0000)\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))|(?!0000)${leapYear}-02-29)`

/** A day that the calendar has (RFC 3339, 5.6 `full-date`). */
export const datePattern: string = `^${dayOf}$`

/** An offset must not lead out of the years 1 to 9999: no database and no RFC 3339 has a form for what is there. */
const inCalendar = '(?!0001-01-01T.*\\+(?!00:00$)|9999-12-31T.*-(?!00:00$)\\d\\d:\\d\\d$)'

/** A moment with its zone (RFC 3339, 5.6 `date-time`); no leap seconds, which no clock of ours shows. */
export const datetimePattern: string = `^${inCalendar}${dayOf}T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)$`

/** RFC 9562; without the `urn:uuid:` that the format lets pass and databases do not. */
export const uuidPattern = '^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$'

/** An address of the web: other schemes, such as `javascript:`, run code where it is shown as a link. */
export const urlPattern = '^https?://[^\\s\\u0000/?#"<>\\\\]+(?:[/?#][^\\s\\u0000"<>\\\\]*)?$'

/** What cannot be seen, or only looks like something else: spaces, controls, marks of direction, fillers, halves of characters. */
const unseen =
  '\\u0000-\\u0020\\u007f-\\u00a0\\u00ad\\u034f\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u115f\\u1160\\u1680\\u17b4\\u17b5\\u180b-\\u180f\\u2000-\\u206f\\u3000\\u3164\\ud800-\\uf8ff\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\uffff'
const atom = `[^${unseen}"(),:;<>@[\\]\\\\.]+`
const label = `[^${unseen}!-,./:-@[-\`{-~-](?:[^${unseen}!-,./:-@[-\`{-~]*[^${unseen}!-,./:-@[-\`{-~-])?`

/** An e-mail address in any script (RFC 6531), without quotes and comments. */
export const emailPattern: string = `^${atom}(?:\\.${atom})*@${label}(?:\\.${label})+$`

/** Text that every database takes: PostgreSQL has no character 0. */
export const textPattern = '^[^\\u0000]*$'

/** A decimal of any number of digits. */
export const anyDecimalPattern = '^-?(?:0|[1-9]\\d*)(?:\\.\\d+)?$'

/** A decimal of so many digits, `scale` of them after the point. */
export function decimalPattern(precision: number, scale: number): string {
  const whole = precision - scale
  return `^-?${whole === 0 ? '0' : `(?:0|[1-9]\\d{0,${whole - 1}})`}${scale === 0 ? '' : `(?:\\.\\d{1,${scale}})?`}$`
}

/** A whole number of 64 bits as text: JSON numbers are exact up to 2^53 only. */
export const bigintPattern: string = `^(?:${upTo('9223372036854775807')}|-(?!0$)${upTo('9223372036854775808')})$`

/** The numbers from 0 to a number, as text without leading zeros. */
function upTo(max: string): string {
  const sameLength = [...max].flatMap((digit, i) => {
    const least = i === 0 ? 1 : 0
    const rest = max.length - i - 1
    return Number(digit) > least
      ? [`${max.slice(0, i)}[${least}-${Number(digit) - 1}]${rest > 0 ? `\\d{${rest}}` : ''}`]
      : []
  })
  return `(?:0|[1-9]\\d{0,${max.length - 2}}|${[...sameLength, max].join('|')})`
}
