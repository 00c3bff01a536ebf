import type { BundleFacts } from '#hub/model/bundle.ts'
import type {
  AgreementId,
  DocumentId,
  InterchangeId,
  PartnerId,
  PayloadId,
  TransmissionId,
} from '#hub/model/ids.ts'
import type { NumberTerms } from '#hub/model/numbers.ts'
import { idColumn, numberColumn, textColumn } from './columns.ts'
import type { Client, Queryable } from './connect.ts'

/*
 * Bundles: outputs that wait to leave as one interchange. Who adds to the open bundle of a key, or closes it, holds the lock
 * of the key, which is taken before control numbers: so nobody who has numbers waits for somebody who wants them.
 */

export interface Bundle {
  id: InterchangeId
  partnerId: PartnerId
  facts: BundleFacts
  dueAt: Date
  documents: number
  sizeBytes: number
}

/** Locks keys of bundles until the transaction ends, in their order. */
export async function lockBundleKeys(client: Client, keys: readonly string[]): Promise<void> {
  await client.query({
    name: 'lock_bundle_keys',
    text: `select pg_advisory_xact_lock(hashtextextended('bundle|' || key, 0))
           from (select key from unnest($1::text[]) as k (key) order by key) keys`,
    values: [[...new Set(keys)].toSorted()],
  })
}

const columns = `id, partner_id as "partnerId", facts, due_at as "dueAt", documents, size_bytes::float8 as "sizeBytes"`

/** The bundle that takes what has this key, or null. */
export async function findOpenBundle(client: Client, key: string): Promise<Bundle | null> {
  const { rows } = await client.query<Bundle>({
    name: 'find_open_bundle',
    text: `select ${columns} from bundle where key = $1 for update`,
    values: [key],
  })
  return rows[0] ?? null
}

/** Writes bundles as they are now; one without a key takes no more. */
export async function putBundles(
  client: Client,
  bundles: readonly (Bundle & { key: string | null })[],
): Promise<void> {
  if (bundles.length === 0) return
  // a full one gives its key free before the next one takes it
  for (const { id, key, partnerId, facts, dueAt, documents, sizeBytes } of bundles)
    await client.query({
      name: 'put_bundle',
      text: `insert into bundle (id, key, partner_id, facts, due_at, documents, size_bytes)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (id) do update set key = excluded.key, due_at = excluded.due_at,
               documents = excluded.documents, size_bytes = excluded.size_bytes`,
      values: [id, key, partnerId, JSON.stringify(facts), dueAt, documents, sizeBytes],
    })
}

export interface BundleItem {
  bundleId: InterchangeId
  place: number
  documentId: DocumentId
  agreementId: AgreementId
  partnerId: PartnerId
  payloadId: PayloadId
}

/** Adds messages to bundles, each with the output that it will be; its number is given when the bundle is closed. */
export async function insertBundleItems(client: Client, items: readonly BundleItem[]): Promise<void> {
  if (items.length === 0) return
  await client.query({
    name: 'insert_bundle_items',
    text: `with i as materialized (
             select * from unnest($1::uuid[], $2::int[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[])
               as i (bundle_id, place, document_id, agreement_id, partner_id, payload_id)),
           kept as (
             insert into bundle_item (bundle_id, place, document_id, agreement_id, payload_id)
             select bundle_id, place, document_id, agreement_id, payload_id from i)
           insert into output (document_id, agreement_id, copy, partner_id, interchange_id, position)
           select document_id, agreement_id, 0, partner_id, bundle_id, place from i`,
    values: [
      idColumn(items, (item) => item.bundleId),
      numberColumn(items, (item) => item.place),
      idColumn(items, (item) => item.documentId),
      idColumn(items, (item) => item.agreementId),
      idColumn(items, (item) => item.partnerId),
      idColumn(items, (item) => item.payloadId),
    ],
  })
}

/** Where a partner's clocks are. */
export async function timeZoneOf(client: Queryable, partnerId: PartnerId): Promise<string> {
  const { rows } = await client.query<{ zone: string }>({
    name: 'time_zone_of',
    text: 'select time_zone as zone from partner where id = $1',
    values: [partnerId],
  })
  return rows[0]?.zone ?? 'UTC'
}

/** Bundles that are to leave by now, those that are due longest first. */
export async function findDueBundles(db: Queryable, now: Date, limit: number): Promise<InterchangeId[]> {
  const { rows } = await db.query<{ id: InterchangeId }>({
    name: 'find_due_bundles',
    text: 'select id from bundle where due_at <= $1 order by due_at, id limit $2',
    values: [now, limit],
  })
  return rows.map(({ id }) => id)
}

/** A bundle that is due, for whoever comes first; null for the others, and while somebody adds to it. */
export async function takeDueBundle(client: Client, id: InterchangeId, now: Date): Promise<Bundle | null> {
  const free = await client.query({
    name: 'try_bundle_key',
    text: `select 1 from bundle b where b.id = $1 and (
             b.key is null or pg_try_advisory_xact_lock(hashtextextended('bundle|' || b.key, 0)))`,
    values: [id],
  })
  if (free.rowCount === 0) return null
  const { rows } = await client.query<Bundle>({
    name: 'take_due_bundle',
    text: `select ${columns} from bundle where id = $1 and due_at <= $2 for update skip locked`,
    values: [id, now],
  })
  return rows[0] ?? null
}

export interface WaitingItem {
  place: number
  documentId: DocumentId
  agreementId: AgreementId
  payloadId: PayloadId
  sender: PartnerId
}

/** What is in a bundle, in the order in which it was accepted. */
export async function findBundleItems(client: Client, id: InterchangeId): Promise<WaitingItem[]> {
  const { rows } = await client.query<WaitingItem & { transmissionId: TransmissionId }>({
    name: 'find_bundle_items',
    text: `select i.place, i.document_id as "documentId", i.agreement_id as "agreementId",
             i.payload_id as "payloadId", d.sender
           from bundle_item i join document d on d.id = i.document_id
           where i.bundle_id = $1
           order by d.transmission_id, coalesce(d.raw_offset, d.position), i.place`,
    values: [id],
  })
  return rows
}

/**
 * The terms of the numbers of an agreement as they are now, in whatever version it is live: a range that was made longer counts for
 * bundles that were begun before. Undefined where it is not live any more.
 */
export async function findNumberTerms(
  client: Client,
  agreementId: AgreementId,
): Promise<NumberTerms | null | undefined> {
  const { rows } = await client.query<{ terms: NumberTerms | null }>({
    name: 'find_number_terms',
    text: `select n.terms -> 'numbers' as terms from agreement a join agreement n on n.key = a.key
           where a.id = $1 and n.state = 'live' order by n.version desc limit 1`,
    values: [agreementId],
  })
  return rows[0]?.terms
}

/** Removes a bundle whose interchange is written: its reference, and the place and reference of each message in it. */
export async function finishBundle(
  client: Client,
  { id, reference }: { id: InterchangeId; reference: string },
  messages: readonly { documentId: DocumentId; agreementId: AgreementId; reference: string }[],
): Promise<void> {
  await client.query({
    name: 'close_bundle_interchange',
    text: `update interchange set state = 'accepted', reference = $2, documents = $3 where id = $1 and state = 'open'`,
    values: [id, reference, messages.length],
  })
  await client.query({
    name: 'number_bundle_outputs',
    text: `update output o set position = m.position, message_ref = m.reference
           from unnest($2::uuid[], $3::uuid[], $4::text[]) with ordinality
             as m (document_id, agreement_id, reference, position)
           where o.document_id = m.document_id and o.agreement_id = m.agreement_id and o.interchange_id = $1`,
    values: [
      id,
      idColumn(messages, (message) => message.documentId),
      idColumn(messages, (message) => message.agreementId),
      textColumn(messages, (message) => message.reference),
    ],
  })
  await client.query({
    name: 'delete_bundle',
    text: 'delete from bundle where id = $1',
    values: [id],
  })
}

/** Takes messages out of a bundle into another one, which takes no more, so that the rest can leave. */
export async function setApart(
  client: Client,
  from: InterchangeId,
  to: Bundle,
  places: readonly number[],
): Promise<void> {
  await putBundles(client, [{ ...to, key: null }])
  await client.query({
    name: 'copy_bundle_interchange',
    text: `insert into interchange (id, partner_id, direction, sender, receiver, env, state)
           select $2, partner_id, direction, sender, receiver, env, state from interchange where id = $1`,
    values: [from, to.id],
  })
  await client.query({
    name: 'move_bundle_items',
    text: `with moved as (
             update bundle_item set bundle_id = $2 where bundle_id = $1 and place = any($3::int[])
             returning document_id, agreement_id)
           update output o set interchange_id = $2 from moved m
           where o.document_id = m.document_id and o.agreement_id = m.agreement_id and o.interchange_id = $1`,
    values: [from, to.id, places],
  })
}

/** Has a bundle that could not be closed wait for another while. */
export async function postponeBundle(db: Queryable, id: InterchangeId, dueAt: Date): Promise<void> {
  await db.query({
    name: 'postpone_bundle',
    text: 'update bundle set due_at = $2 where id = $1',
    values: [id, dueAt],
  })
}
