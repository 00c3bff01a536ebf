import type { ExpectTerms } from '#hub/model/agreement.ts'
import type { PartnerId } from '#hub/model/ids.ts'
import type { Environment } from '#hub/model/states.ts'
import type { Queryable } from './connect.ts'

export interface ExpectingAgreement {
  key: string
  sender: PartnerId
  env: Environment
  type: string
  expects: ExpectTerms
  /** The sender's. */
  timeZone: string
}

/** Live agreements that expect documents by an hour. */
export async function expectingAgreements(db: Queryable): Promise<ExpectingAgreement[]> {
  const { rows } = await db.query<ExpectingAgreement>({
    name: 'expecting_agreements',
    text: `select a.key, a.sender_partner as sender, f.env, f.type, a.terms -> 'expects' as expects,
             p.time_zone as "timeZone"
           from agreement a join profile f on f.id = a.sender_profile join partner p on p.id = a.sender_partner
           where a.state = 'live' and a.valid @> now() and a.terms ? 'expects'
           order by a.key`,
  })
  return rows
}

/** Whether somebody was told of a cause before, also where that is closed. */
export async function wasNoticed(db: Queryable, cause: string): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'was_noticed',
    text: 'select 1 from notice where cause = $1 limit 1',
    values: [cause],
  })
  return rowCount === 1
}

/** How many documents came for an agreement since a time, at most so many: what was rejected or is a repeat did not come. */
export async function countCame(
  db: Queryable,
  asked: { key: string; sender: PartnerId; from: Date; atMost: number },
): Promise<number> {
  const { rows } = await db.query<{ n: number }>({
    name: 'count_came',
    text: `select count(*)::int as n from (
             select 1 from document d
             where d.sender = $1 and d.id >= id_floor($2) and d.processing in ('processed', 'held', 'waiting')
               and d.versions -> 'agreements' @> jsonb_build_array(jsonb_build_object('key', $3::text))
             limit $4) came`,
    values: [asked.sender, asked.from, asked.key, asked.atMost],
  })
  return rows[0]?.n ?? 0
}

/** Closes what was said of silence where a document came after all. */
export async function closeSilences(client: Queryable): Promise<number> {
  const { rowCount } = await client.query({
    name: 'close_silences',
    text: `update notice n set closed_at = now()
           where n.closed_at is null and n.kind = 'silence' and exists (
             select from document d
             where d.sender = (n.facts ->> 'sender')::uuid and d.id >= id_floor((n.facts ->> 'dueAt')::timestamptz)
               and d.processing in ('processed', 'held', 'waiting')
               and d.versions -> 'agreements' @> jsonb_build_array(jsonb_build_object('key', n.facts ->> 'agreement')))`,
  })
  return rowCount ?? 0
}
