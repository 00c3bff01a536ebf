import type { PartnerId } from '#hub/model/ids.ts'
import type { Queryable } from '#hub/store/connect.ts'

/** When the versions of profiles and agreements were made, by their ids. */
export async function versionTimes(db: Queryable, ids: readonly string[]): Promise<Map<string, Date>> {
  const { rows } = await db.query<{ id: string; at: Date }>(
    `select id, created_at as at from profile where id = any ($1::uuid[])
     union all select id, created_at from agreement where id = any ($1::uuid[])`,
    [ids],
  )
  return new Map(rows.map(({ id, at }) => [id, at]))
}

/** Documents that a version decided on: how many of the newest, and the newest of them. */
export interface UsedBy {
  documents: number
  /** There may be more than were counted. */
  atLeast: boolean
  newest: { id: string; number: string | null; at: Date } | null
}

/** At most so many documents of the sender are looked through, the newest first: no index names versions, because every document would pay for it. */
const lookedThrough = 10_000

/**
 * Documents of a sender whose `versions` hold this: `{ agreements: [{ key, version }] }` or `{ profile: { id } }`.
 */
export async function documentsBy(db: Queryable, sender: PartnerId, held: object): Promise<UsedBy> {
  const { rows } = await db.query<{
    documents: number
    looked: number
    id: string | null
    number: string | null
    at: Date | null
  }>(
    `with looked as (
       select id, number, versions from document where sender = $1 order by id desc limit $3
     ), used as (
       select id, number from looked where versions @> $2::jsonb
     )
     select (select count(*)::int from used) documents, (select count(*)::int from looked) looked, u.id, u.number, t.at
     from (select 1) one
     left join lateral (select id, number from used order by id desc limit 1) u on true
     left join document d on d.id = u.id
     left join transmission t on t.id = d.transmission_id`,
    [sender, JSON.stringify(held), lookedThrough],
  )
  const { documents, looked, id, number, at } = rows[0]!
  return {
    documents,
    atLeast: looked === lookedThrough,
    newest: id === null ? null : { id, number, at: at! },
  }
}
