import type { CodeName } from '#hub/model/codes/index.ts'
import type { DeliveryId, TransmissionId } from '#hub/model/ids.ts'
import type { Proof } from '#hub/model/outcomes.ts'
import type { TransmissionOutState } from '#hub/model/states.ts'
import { kindsThatDropRepeats } from '#hub/model/transport.ts'
import type { Queryable } from './connect.ts'
import {
  codeOrNull,
  settledColumns,
  settledDelivery,
  type SettledDelivery,
  type SettledRow,
  type Verdict,
} from './settle.ts'

export interface DeliveryForReceipt extends SettledDelivery {
  peerDedupes: boolean
  /** When the receipt came, by the database's clock. */
  receivedAt: Date
}

/** Locks a delivery that a receipt speaks about; null if there is none. */
export async function lockForReceipt(
  client: Queryable,
  deliveryId: DeliveryId,
  evidenceId: TransmissionId | null,
): Promise<DeliveryForReceipt | null> {
  const { rows } = await client.query<SettledRow & { peer_dedupes: boolean; received_at: Date }>({
    name: 'lock_for_receipt',
    text: `select ${settledColumns},
                  coalesce((select c.peer_dedupes or c.kind = any($3::text[]) from channel c where c.id = d.channel_id), false) as peer_dedupes,
                  coalesce((select t.at from transmission t where t.id = $2), clock_timestamp()) as received_at
           from delivery d where d.id = $1 for update of d`,
    values: [deliveryId, evidenceId, kindsThatDropRepeats],
  })
  const row = rows[0]
  if (row === undefined) return null
  return { ...settledDelivery(row), peerDedupes: row.peer_dedupes, receivedAt: row.received_at }
}

export interface AttemptRow {
  transmissionId: TransmissionId
  attempt: number
  state: TransmissionOutState
  at: Date
}

/** The attempts of a delivery, the newest first. */
export async function findAttempts(client: Queryable, deliveryId: DeliveryId): Promise<AttemptRow[]> {
  const { rows } = await client.query<{
    id: TransmissionId
    attempt: number
    state: TransmissionOutState
    at: Date
  }>({
    name: 'find_attempts',
    text: `select id, attempt, state, at from transmission where delivery_id = $1 order by attempt desc`,
    values: [deliveryId],
  })
  return rows.map((row) => ({
    transmissionId: row.id,
    attempt: row.attempt,
    state: row.state,
    at: row.at,
  }))
}

/** Writes what a receipt says of attempts, with its words as evidence. */
export async function closeAttempts(
  client: Queryable,
  transmissionIds: readonly TransmissionId[],
  end: { state: 'taken' | 'not_taken'; code: CodeName | null; proof: Proof },
): Promise<void> {
  if (transmissionIds.length === 0) return
  await client.query({
    name: 'close_attempts',
    text: `update transmission set state = $2, code = $3, evidence = evidence || $4::jsonb where id = any($1::uuid[])`,
    values: [transmissionIds, end.state, codeOrNull(end.code), JSON.stringify(end.proof)],
  })
}

/** Moves a delivery that is locked, whatever its state. */
export async function moveDelivery(
  client: Queryable,
  deliveryId: DeliveryId,
  verdict: Verdict,
): Promise<SettledDelivery> {
  const { rows } = await client.query<SettledRow>({
    name: 'move_delivery',
    text: `update delivery d
           set state = $2, code = $3, lease_until = null,
               next_at = case $2 when 'waiting' then now() + $4::float8 * interval '1 millisecond' end,
               due_at = case $2 when 'pending' then $5::timestamptz end,
               overdue_at = case when d.state = 'pending' and d.due_at < now() then coalesce(d.overdue_at, now())
                                 else d.overdue_at end
           where d.id = $1
           returning ${settledColumns}`,
    values: [deliveryId, verdict.delivery, codeOrNull(verdict.code), verdict.retryInMs, verdict.dueAt],
  })
  return settledDelivery(rows[0]!)
}

/** Closes the open hold of a delivery, if it has one; returns whether it had. */
export async function closeHold(
  client: Queryable,
  deliveryId: DeliveryId,
  decision: { decision: 'released' | 'rejected'; by: string; reason: string },
): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'close_hold',
    text: `update hold set decision = $2, decided_by = $3, decided_at = now(), reason = $4
           where delivery_id = $1 and decision is null`,
    values: [deliveryId, decision.decision, decision.by, decision.reason],
  })
  return rowCount === 1
}
