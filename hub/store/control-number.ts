import type { Queryable } from './connect.ts'

/** Numbers of one range: who sends to whom, and what is counted. */
export interface NumberDemand {
  sender: string
  receiver: string
  kind: string
  count: number
}

/**
 * Takes numbers, from 1 on, and returns the first of each demand, in the order given. They come back only with the
 * transaction, so none is ever given twice. Rows are locked in the order of their keys, whoever asks: two
 * transactions that take the same ranges wait for each other and never stand crosswise. Each range is asked once.
 */
export async function takeControlNumbers(
  client: Queryable,
  demands: readonly NumberDemand[],
): Promise<number[]> {
  if (demands.length === 0) return []
  const sorted = [...demands].sort((a, b) => compareKeys(keyOf(a), keyOf(b)))
  const { rows } = await client.query<{ sender: string; receiver: string; kind: string; first: string }>({
    name: 'take_control_numbers',
    text: `with demand as (
             select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) with ordinality
               as d(sender, receiver, kind, count, place)
           ), taken as (
             insert into control_number as n (sender, receiver, kind, next)
             select sender, receiver, kind, 1 + count from demand order by place
             on conflict (sender, receiver, kind) do update set next = n.next + excluded.next - 1
             returning sender, receiver, kind, next
           )
           select t.sender, t.receiver, t.kind, t.next - d.count as first
           from taken t join demand d using (sender, receiver, kind)`,
    values: [
      sorted.map((demand) => demand.sender),
      sorted.map((demand) => demand.receiver),
      sorted.map((demand) => demand.kind),
      sorted.map((demand) => demand.count),
    ],
  })
  const first = new Map(rows.map((row) => [keyOf(row), Number(row.first)]))
  return demands.map((demand) => first.get(keyOf(demand))!)
}

/** Has ranges go on at another number: they are taken from in this transaction, which holds them. */
export async function setNextNumbers(
  client: Queryable,
  ranges: readonly { sender: string; receiver: string; kind: string; next: number }[],
): Promise<void> {
  if (ranges.length === 0) return
  await client.query({
    name: 'set_next_numbers',
    text: `update control_number n set next = v.next
           from unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) as v(sender, receiver, kind, next)
           where n.sender = v.sender and n.receiver = v.receiver and n.kind = v.kind`,
    values: [
      ranges.map(({ sender }) => sender),
      ranges.map(({ receiver }) => receiver),
      ranges.map(({ kind }) => kind),
      ranges.map(({ next }) => next),
    ],
  })
}

function keyOf({ sender, receiver, kind }: Omit<NumberDemand, 'count'>): string {
  return `${sender}|${receiver}|${kind}`
}

function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
