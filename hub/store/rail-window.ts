import { numberColumn, textColumn } from './columns.ts'
import type { Queryable } from './connect.ts'

/** A window of an agreement: what goes through within so many minutes. */
export interface WindowKey {
  agreement: string
  minutes: number
}

/** What came and went through. Decimals are exact strings. */
export interface WindowCount {
  /** All that came, and those of them that were repeats. */
  documents: number
  repeats: number
  /** What went through by itself. */
  passed: number
  quantity: string
  amount: string
  bytes: number
}

/** Locks names until the transaction ends, in their order, so that what one counts the next one sees. */
export async function lockNames(client: Queryable, names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  await client.query({
    name: 'process_lock_names',
    text: `select pg_advisory_xact_lock(hashtextextended(n.name, 0))
           from (select distinct name from unnest($1::text[]) as u(name) order by name) n`,
    values: [names],
  })
}

/** What was counted in each window up to now, in the order given. Portions of time are a sixtieth as long as the window. */
export async function countWindows(client: Queryable, keys: readonly WindowKey[]): Promise<WindowCount[]> {
  const { rows } = await client.query<Record<keyof WindowCount, string>>({
    name: 'process_count_windows',
    text: `select coalesce(sum(documents), 0) as documents, coalesce(sum(repeats), 0) as repeats,
                  coalesce(sum(passed), 0) as passed, coalesce(sum(quantity), 0) as quantity,
                  coalesce(sum(amount), 0) as amount, coalesce(sum(bytes), 0) as bytes
           from unnest($1::text[], $2::int[]) with ordinality as k(agreement, minutes, place)
           left join rail_window w on w.agreement = k.agreement and w.minutes = k.minutes
             and w.portion > clock_timestamp() - make_interval(mins => k.minutes, secs => k.minutes)
           group by k.place order by k.place`,
    values: [textColumn(keys, ({ agreement }) => agreement), numberColumn(keys, ({ minutes }) => minutes)],
  })
  return rows.map(({ documents, repeats, passed, quantity, amount, bytes }) => ({
    documents: Number(documents),
    repeats: Number(repeats),
    passed: Number(passed),
    quantity,
    amount,
    bytes: Number(bytes),
  }))
}

/** Adds to the portion of each window that it is now, and forgets portions that no window reaches any more. */
export async function addToWindows(
  client: Queryable,
  added: readonly (WindowKey & WindowCount)[],
): Promise<void> {
  if (added.length === 0) return
  await client.query({
    name: 'process_add_to_windows',
    text: `with a as (
             select * from unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[],
                                  $8::bigint[])
               as a(agreement, minutes, documents, repeats, passed, quantity, amount, bytes)),
           old as (
             delete from rail_window w using a
             where w.agreement = a.agreement and w.minutes = a.minutes
               and w.portion < clock_timestamp() - make_interval(mins => 2 * a.minutes))
           insert into rail_window as w (agreement, minutes, portion, documents, repeats, passed, quantity, amount, bytes)
           select agreement, minutes,
                  to_timestamp(floor(extract(epoch from clock_timestamp()) / minutes) * minutes),
                  documents, repeats, passed, quantity::numeric, amount::numeric, bytes
           from a
           on conflict (agreement, minutes, portion) do update
             set documents = w.documents + excluded.documents, repeats = w.repeats + excluded.repeats,
                 passed = w.passed + excluded.passed, quantity = w.quantity + excluded.quantity,
                 amount = w.amount + excluded.amount, bytes = w.bytes + excluded.bytes`,
    values: [
      textColumn(added, (row) => row.agreement),
      numberColumn(added, (row) => row.minutes),
      numberColumn(added, (row) => row.documents),
      numberColumn(added, (row) => row.repeats),
      numberColumn(added, (row) => row.passed),
      textColumn(added, (row) => row.quantity),
      textColumn(added, (row) => row.amount),
      numberColumn(added, (row) => row.bytes),
    ],
  })
}
