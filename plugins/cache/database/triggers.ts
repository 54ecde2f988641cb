import { createHash } from 'node:crypto'
import type { Field, TableLike } from '#core/ports/database'
import { fieldsOf, nameOf, quote, quotedNameOf } from '#core/table/fields'

/** Statements for a migration, and those that take it back. */
export interface Triggers {
  readonly up: string
  readonly down: string
}

export interface TriggerOptions {
  /** The field whose value names a row: `products:42`. @default the primary key */
  readonly key?: string
}

/** Where triggers say what has ended. */
export const tagChannel = 'kwik_tags'
/** Rows of one statement that are named one by one; of more, any may have changed. */
const mostRows = 100
/** Bytes of a notification; PostgreSQL takes less than 8000. */
const mostBytes = 7900

/**
 * Triggers for PostgreSQL that say which tags end when rows change, whoever changes them: psql, a cron job, another
 * program. `listenForTags` hears it, after their commit. From `kwik/cache`.
 *
 * One statement says `products` and `products:<key>` of each row; where it changed more than 100, or on TRUNCATE,
 * `products` and `products:*`.
 *
 * @throws {TypeError} for a table without one primary key, where `key` says none
 * @example
 * const { up, down } = notifyTriggers(products)
 * await writeFile('migrations/0007_tags.sql', up)
 */
export function notifyTriggers(table: TableLike, { key }: TriggerOptions = {}): Triggers {
  const name = nameOf(table)
  const at = quotedNameOf(table)
  const column = quote(keyOf(table, key).column)
  const own = nameFor(name)
  const trigger = (event: string): string => quote(nameFor(name, `_${event}`))
  const all = `jsonb_build_array(${text(name)}, ${text(`${name}:*`)})`
  const gone = `select ${column}::text as one from was`
  const made = `select ${column}::text as one from now`
  const notify = (rows: string): string => `
    select jsonb_build_array(${text(name)}) || coalesce(jsonb_agg(${text(`${name}:`)} || one), '[]'), count(*)
      into tags, touched from (select distinct one from (${rows}) as every_row limit ${mostRows + 1}) as few;`
  const up = `create or replace function ${quote(own)}() returns trigger language plpgsql as $kwik$
declare
  tags jsonb;
  touched bigint;
begin
  if tg_op = 'INSERT' then${notify(made)}
  elsif tg_op = 'DELETE' then${notify(gone)}
  elsif tg_op = 'UPDATE' then${notify(`${gone} union all ${made}`)}
  end if;
  if touched = 0 then
    return null;
  end if;
  if touched is null or touched > ${mostRows} or octet_length(tags::text) > ${mostBytes} then
    tags := ${all};
  end if;
  perform pg_notify(${text(tagChannel)}, tags::text);
  return null;
end $kwik$;
create trigger ${trigger('insert')} after insert on ${at} referencing new table as now
  for each statement execute function ${quote(own)}();
create trigger ${trigger('update')} after update on ${at} referencing old table as was new table as now
  for each statement execute function ${quote(own)}();
create trigger ${trigger('delete')} after delete on ${at} referencing old table as was
  for each statement execute function ${quote(own)}();
create trigger ${trigger('truncate')} after truncate on ${at}
  for each statement execute function ${quote(own)}();
`
  const events = ['insert', 'update', 'delete', 'truncate']
  const down = `${events.map((event) => `drop trigger if exists ${trigger(event)} on ${at};`).join('\n')}
drop function if exists ${quote(own)}();
`
  return { up, down }
}

function keyOf(table: TableLike, said: string | undefined): Field {
  const fields = fieldsOf(table)
  const all = said === undefined ? Object.values(fields).filter((field) => field.primaryKey) : [fields[said]]
  const [key] = all
  if (key !== undefined && all.length === 1) return key
  throw new TypeError(
    said === undefined
      ? `notifyTriggers(${nameOf(table)}): the table has ${all.length} primary keys: say { key }`
      : `notifyTriggers(${nameOf(table)}): there is no field "${said}"`,
  )
}

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`

/** PostgreSQL cuts names off after 63 bytes, where two tables could have one. */
function nameFor(table: string, suffix = ''): string {
  const whole = `kwik_tags_${table}${suffix}`
  if (Buffer.byteLength(whole) <= 63) return whole
  return `kwik_tags_${createHash('sha256').update(table).digest('hex').slice(0, 32)}${suffix}`
}
