import type { DocumentId, InterchangeId, PayloadId, TransmissionId } from '#hub/model/ids.ts'
import type { AcknowledgementState } from '#hub/model/states.ts'
import { bytesColumn, idColumn, numberColumn, textColumn } from './columns.ts'
import type { Queryable } from './connect.ts'

/** Something that is to come once, and who brings it: `owner` is the transmission, interchange or document. */
export interface FirstClaim {
  scope: string
  key: Buffer
  owner: TransmissionId | InterchangeId | DocumentId
  sha256: Buffer | null
  /** How long the first is remembered. */
  days: number
}

/** Who brought it first; the claimant's own id where nobody did before. */
export interface FirstOwner {
  owner: string
  /** The transmission of an interchange that owns it; null where its row is not there (yet), or the owner is none. */
  transmissionId: TransmissionId | null
  sha256: Buffer | null
}

/**
 * Claims what is to come once and says who came first, in the order given. Asked again by the same owner it is the owner
 * still. A first one older than the claim's days is forgotten, and so is one of which all documents were rejected. Waits
 * for transactions that claim the same.
 */
export async function claimFirsts(client: Queryable, claims: readonly FirstClaim[]): Promise<FirstOwner[]> {
  if (claims.length === 0) return []
  await insertFirsts(client, claims)
  const owners = await findOwners(client, claims)
  const foreign = claims.flatMap(({ owner }, at) => (owners[at]!.owner === owner ? [] : owners[at]!.owner))
  const mine = new Set<string>(claims.map(({ owner }) => owner))
  const rejected = await findRejected(
    client,
    foreign.filter((owner) => !mine.has(owner)),
  )
  if (rejected.length === 0) return owners
  const takers = firstOfEach(claims.filter((_, at) => rejected.includes(owners[at]!.owner)))
  await takeOver(client, takers, rejected)
  return findOwners(client, claims)
}

/** In the order of their keys, so that two transactions never stand crosswise; of those alike the first one. */
function firstOfEach(claims: readonly FirstClaim[]): FirstClaim[] {
  const first = new Map<string, FirstClaim>()
  for (const claim of claims) {
    const place = `${claim.scope} ${claim.key.toString('hex')}`
    if (!first.has(place)) first.set(place, claim)
  }
  return [...first].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, claim]) => claim)
}

async function insertFirsts(client: Queryable, claims: readonly FirstClaim[]): Promise<void> {
  const each = firstOfEach(claims)
  await client.query({
    name: 'process_insert_firsts',
    // the row of a first one that stands is locked all the same, until this transaction ends
    text: `insert into once (scope, key, owner_id, content_sha256, expires_at)
           select scope, key, owner_id, sha256, now() + make_interval(days => days)
           from unnest($1::text[], $2::bytea[], $3::uuid[], $4::bytea[], $5::int[]) with ordinality
             as c(scope, key, owner_id, sha256, days, place)
           order by place
           on conflict (scope, key) do update
             set owner_id = excluded.owner_id, content_sha256 = excluded.content_sha256, at = excluded.at,
                 expires_at = excluded.expires_at
             where once.at < excluded.at - (excluded.expires_at - excluded.at)`,
    values: claimValues(each),
  })
}

async function findOwners(client: Queryable, claims: readonly FirstClaim[]): Promise<FirstOwner[]> {
  const { rows } = await client.query<{
    owner_id: string
    transmission_id: TransmissionId | null
    content_sha256: Buffer | null
  }>({
    name: 'process_first_owners',
    text: `select o.owner_id, o.content_sha256, i.transmission_id
           from unnest($1::text[], $2::bytea[]) with ordinality as c(scope, key, place)
           join once o using (scope, key)
           left join interchange i on i.id = o.owner_id
           order by c.place`,
    values: [textColumn(claims, ({ scope }) => scope), bytesColumn(claims, ({ key }) => key)],
  })
  return rows.map((row) => ({
    owner: row.owner_id,
    transmissionId: row.transmission_id,
    sha256: row.content_sha256,
  }))
}

/** Those of the owners of which documents are there, all of them rejected. */
async function findRejected(client: Queryable, owners: readonly string[]): Promise<string[]> {
  if (owners.length === 0) return []
  const { rows } = await client.query<{ id: string }>({
    name: 'process_rejected_firsts',
    text: `select o.id from unnest($1::uuid[]) as o(id)
           join lateral (
             select processing from document where id = o.id
             union all select processing from document where interchange_id = o.id
             union all select processing from document where transmission_id = o.id) d on true
           group by o.id having bool_and(d.processing = 'rejected')`,
    values: [[...new Set(owners)]],
  })
  return rows.map(({ id }) => id)
}

/** Their rows are locked since they were claimed. */
async function takeOver(
  client: Queryable,
  claims: readonly FirstClaim[],
  from: readonly string[],
): Promise<void> {
  await client.query({
    name: 'process_take_over_firsts',
    text: `update once o
           set owner_id = c.owner_id, content_sha256 = c.sha256, at = now(),
               expires_at = now() + make_interval(days => c.days)
           from unnest($1::text[], $2::bytea[], $3::uuid[], $4::bytea[], $5::int[])
             as c(scope, key, owner_id, sha256, days)
           where o.scope = c.scope and o.key = c.key and o.owner_id = any($6::uuid[])`,
    values: [...claimValues(claims), from],
  })
}

function claimValues(claims: readonly FirstClaim[]): unknown[] {
  return [
    textColumn(claims, ({ scope }) => scope),
    bytesColumn(claims, ({ key }) => key),
    idColumn(claims, ({ owner }) => owner),
    bytesColumn(claims, ({ sha256 }) => sha256),
    numberColumn(claims, ({ days }) => days),
  ]
}

/** The identities that transports gave these transmissions; those of a door without any are left out. */
export async function findMessageIds(
  db: Queryable,
  ids: readonly TransmissionId[],
): Promise<Map<TransmissionId, string>> {
  if (ids.length === 0) return new Map()
  const { rows } = await db.query<{ id: TransmissionId; message_id: string }>({
    name: 'process_message_ids',
    text: `select id, coalesce(evidence ->> 'messageId', evidence -> 'headers' ->> 'idempotency-key') as message_id
           from transmission
           where id = any($1::uuid[])
             and coalesce(evidence ->> 'messageId', evidence -> 'headers' ->> 'idempotency-key') is not null`,
    values: [ids],
  })
  return new Map(rows.map((row) => [row.id, row.message_id]))
}

/** The answer that an interchange got, with what is needed to deliver its bytes once more. */
export interface GivenAnswer {
  interchangeId: InterchangeId
  payloadId: PayloadId
  mediaType: string
  state: AcknowledgementState
  code: string | null
}

/** The syntax acknowledgement that was given for an interchange, or for the one at a place of a transmission; null if none was. */
export async function findGivenAnswer(
  db: Queryable,
  about: { interchangeId: string } | { transmissionId: string; position: number },
): Promise<GivenAnswer | null> {
  const byPlace = 'transmissionId' in about
  const { rows } = await db.query<GivenAnswer>({
    name: 'process_given_answer',
    text: `select d.interchange_id as "interchangeId", d.payload_id as "payloadId", d.media_type as "mediaType",
                  a.state, a.code
           from interchange i
           join acknowledgement a on a.about_id = i.id and a.level = 'syntax' and a.way = 'owed'
           join delivery d on d.id = a.delivery_id
           where i.id = $1::uuid or $1::uuid is null and i.transmission_id = $2::uuid and i.position = $3::int`,
    values: byPlace ? [null, about.transmissionId, about.position] : [about.interchangeId, null, null],
  })
  return rows[0] ?? null
}
