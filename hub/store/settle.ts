import type { CodeName } from '#hub/model/codes/index.ts'
import { stableCode } from '#hub/model/codes/index.ts'
import type { ChannelId, DeliveryId, InterchangeId, PartnerId, TransmissionId } from '#hub/model/ids.ts'
import { newId } from '#hub/model/ids.ts'
import type { Proof } from '#hub/model/outcomes.ts'
import type { DeliveryState, TransmissionOutState } from '#hub/model/states.ts'
import { idColumn, numberColumn, textColumn } from './columns.ts'
import type { Queryable } from './connect.ts'
import { isState } from './deliver.ts'

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
 * out and was taken up by another, does not change. Writes what the attempts themselves came to, with the peer's words as
 * evidence; one whose end was already called unknown (its lease ran out) still learns a definite end. Returns the
 * deliveries that moved and the attempts whose row changed.
 */
export async function settleTogether(
  client: Queryable,
  judged: readonly JudgedAttempt[],
): Promise<{ settled: SettledDelivery[]; changed: Set<TransmissionId> }> {
  const { rows } = await client.query<
    { transmission_id: TransmissionId; changed: boolean } & (SettledRow | Record<keyof SettledRow, null>)
  >({
    name: 'settle_together',
    // rows are locked in the order of their ids, so that two batches that share some cannot block each other
    text: `with judged as materialized (
             select * from unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::float8[], $6::timestamptz[],
                                  $7::uuid[], $8::text[], $9::text[], $10::text[])
               as v (id, attempt, state, code, retry_ms, due_at, transmission_id, end_state, end_code, evidence)),
           held_rows as materialized (
             select d.id from delivery d join judged v on v.id = d.id
             where d.id = any($1::uuid[]) and ${isState('sending')} and d.attempt = v.attempt
             order by d.id for update of d),
           moved as (
             update delivery d
             set state = v.state, code = v.code, lease_until = null,
                 next_at = case v.state when 'waiting' then now() + v.retry_ms * interval '1 millisecond' end,
                 due_at = case v.state when 'pending' then v.due_at end,
                 overdue_at = case v.state when 'pending' then null else d.overdue_at end
             from judged v join held_rows h on h.id = v.id
             where d.id = any($1::uuid[]) and d.id = v.id and ${isState('sending')} and d.attempt = v.attempt
             returning ${settledColumns}),
           ended as (
             update transmission t
             set state = v.end_state, code = v.end_code, evidence = t.evidence || v.evidence::jsonb
             from judged v
             where t.id = any($7::uuid[]) and t.id = v.transmission_id
               and (t.state = 'sending' or t.state = 'unknown' and v.end_state in ('taken', 'not_taken'))
             returning t.id)
           select v.transmission_id, ended.id is not null as changed, moved.*
           from judged v left join moved on moved.id = v.id left join ended on ended.id = v.transmission_id`,
    values: [
      idColumn(judged, ({ deliveryId }) => deliveryId),
      numberColumn(judged, ({ attempt }) => attempt),
      textColumn(judged, ({ verdict }) => verdict.delivery),
      textColumn(judged, ({ verdict }) => codeOrNull(verdict.code)),
      numberColumn(judged, ({ verdict }) => verdict.retryInMs),
      judged.map(({ verdict }) => verdict.dueAt),
      idColumn(judged, ({ transmissionId }) => transmissionId),
      textColumn(judged, ({ verdict }) => verdict.transmission),
      textColumn(judged, ({ verdict }) => codeOrNull(verdict.attemptCode)),
      textColumn(judged, ({ proof }) => JSON.stringify(proof)),
    ],
  })
  return {
    settled: rows.flatMap((row) => (row.id === null ? [] : settledDelivery(row))),
    changed: new Set(rows.flatMap((row) => (row.changed ? row.transmission_id : []))),
  }
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
