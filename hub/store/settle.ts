import type { CodeName } from '#hub/model/codes/index.ts'
import { stableCode } from '#hub/model/codes/index.ts'
import type { ChannelId, DeliveryId, InterchangeId, PartnerId, TransmissionId } from '#hub/model/ids.ts'
import { newId } from '#hub/model/ids.ts'
import type { Proof } from '#hub/model/outcomes.ts'
import type { DeliveryState, TransmissionOutState } from '#hub/model/states.ts'
import type { Queryable } from './connect.ts'

/** What an attempt, or a receipt for it, makes of its delivery. */
export interface Verdict {
  delivery: Exclude<DeliveryState, 'sending' | 'stopped'>
  transmission: Exclude<TransmissionOutState, 'sending'>
  /** The last thing that went wrong, for the delivery's row; null where nothing did. */
  code: CodeName | null
  /** The same for the attempt's own row. */
  attemptCode: CodeName | null
  /** `waiting`: how long until the next attempt. */
  retryInMs: number | null
  /** `pending`: until when the proof is owed. */
  dueAt: Date | null
}

export interface JudgedAttempt {
  deliveryId: DeliveryId
  transmissionId: TransmissionId
  attempt: number
  verdict: Verdict
  proof: Proof
}

/** A delivery as it stands after a change. */
export interface SettledDelivery {
  id: DeliveryId
  partnerId: PartnerId
  channelId: ChannelId
  interchangeId: InterchangeId | null
  state: DeliveryState
  attempt: number
  nextAt: Date | null
  dueAt: Date | null
  overdueAt: Date | null
  orderKey: string | null
}

/**
 * Moves deliveries to what their attempts came to, fenced by the attempt: one that was settled meanwhile by a receipt, or whose lease ran
 * out and was taken up by another, does not change. Returns those that did.
 */
export async function settleDeliveries(
  client: Queryable,
  judged: readonly JudgedAttempt[],
): Promise<SettledDelivery[]> {
  const { rows } = await client.query<SettledRow>({
    name: 'settle_deliveries',
    // rows are locked in the order of their ids, so that two batches that share some cannot block each other
    text: `with judged as (
             select * from unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::float8[], $6::timestamptz[])
               as v (id, attempt, state, code, retry_ms, due_at)),
           held_rows as materialized (
             select d.id from delivery d join judged v on v.id = d.id
             where d.id = any($1::uuid[]) and d.state = 'sending' and d.attempt = v.attempt
             order by d.id for update of d)
           update delivery d
           set state = v.state, code = v.code, lease_until = null,
               next_at = case v.state when 'waiting' then now() + v.retry_ms * interval '1 millisecond' end,
               due_at = case v.state when 'pending' then v.due_at end,
               overdue_at = case v.state when 'pending' then null else d.overdue_at end
           from judged v join held_rows h on h.id = v.id
           where d.id = v.id and d.state = 'sending' and d.attempt = v.attempt
           returning ${settledColumns}`,
    values: [
      judged.map(({ deliveryId }) => deliveryId),
      judged.map(({ attempt }) => attempt),
      judged.map(({ verdict }) => verdict.delivery),
      judged.map(({ verdict }) => codeOrNull(verdict.code)),
      judged.map(({ verdict }) => verdict.retryInMs),
      judged.map(({ verdict }) => verdict.dueAt),
    ],
  })
  return rows.map(settledDelivery)
}

/**
 * Writes what the attempts themselves came to, with the peer's words as evidence. One whose end was already called unknown (its lease
 * ran out) still learns a definite end. Returns the ids of the rows that changed.
 */
export async function settleTransmissions(
  client: Queryable,
  judged: readonly JudgedAttempt[],
): Promise<TransmissionId[]> {
  const { rows } = await client.query<{ id: TransmissionId }>({
    name: 'settle_transmissions',
    text: `update transmission t
           set state = v.state, code = v.code, evidence = t.evidence || v.evidence
           from unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[]) as v (id, state, code, evidence)
           where t.id = any($1::uuid[]) and t.id = v.id
             and (t.state = 'sending' or t.state = 'unknown' and v.state in ('taken', 'not_taken'))
           returning t.id`,
    values: [
      judged.map(({ transmissionId }) => transmissionId),
      judged.map(({ verdict }) => verdict.transmission),
      judged.map(({ verdict }) => codeOrNull(verdict.attemptCode)),
      judged.map(({ proof }) => JSON.stringify(proof)),
    ],
  })
  return rows.map(({ id }) => id)
}

/** Opens a hold on each delivery, for a person to decide. */
export async function holdDeliveries(
  client: Queryable,
  held: readonly { deliveryId: DeliveryId; partnerId: PartnerId; code: CodeName }[],
): Promise<void> {
  if (held.length === 0) return
  const ids = held.map(() => newId())
  await client.query({
    name: 'hold_deliveries',
    text: `insert into hold (id, partner_id, batch_id, delivery_id, rule, code)
           select v.id, v.partner_id, v.id, v.delivery_id, 'delivery', v.code
           from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[]) as v (id, partner_id, delivery_id, code)`,
    values: [
      ids,
      held.map(({ partnerId }) => partnerId),
      held.map(({ deliveryId }) => deliveryId),
      held.map(({ code }) => stableCode(code)),
    ],
  })
}

/** The next delivery of each ordered key, now that its head is out of the way. */
export async function findHeads(
  client: Queryable,
  orderKeys: readonly string[],
): Promise<{ deliveryId: DeliveryId; channelId: ChannelId }[]> {
  if (orderKeys.length === 0) return []
  const { rows } = await client.query<{ id: DeliveryId; channel_id: ChannelId; state: string }>({
    name: 'find_heads',
    text: `select distinct on (order_key) id, channel_id, state from delivery
           where order_key = any($1::text[]) and state not in ('delivered', 'stopped')
           order by order_key, order_no`,
    values: [orderKeys],
  })
  return rows
    .filter(({ state }) => state === 'waiting')
    .map((row) => ({ deliveryId: row.id, channelId: row.channel_id }))
}

export const settledColumns = `d.id, d.partner_id, d.channel_id, d.interchange_id, d.state, d.attempt, d.next_at, d.due_at,
  d.overdue_at, d.order_key`

export interface SettledRow {
  id: DeliveryId
  partner_id: PartnerId
  channel_id: ChannelId
  interchange_id: InterchangeId | null
  state: DeliveryState
  attempt: number
  next_at: Date | null
  due_at: Date | null
  overdue_at: Date | null
  order_key: string | null
}

export function settledDelivery(row: SettledRow): SettledDelivery {
  return {
    id: row.id,
    partnerId: row.partner_id,
    channelId: row.channel_id,
    interchangeId: row.interchange_id,
    state: row.state,
    attempt: row.attempt,
    nextAt: row.next_at,
    dueAt: row.due_at,
    overdueAt: row.overdue_at,
    orderKey: row.order_key,
  }
}

/** The stable code of a slug, or null. */
export function codeOrNull(code: CodeName | null): string | null {
  return code === null ? null : stableCode(code)
}
