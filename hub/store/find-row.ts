import type { DocumentId, InterchangeId, PartnerId, TransmissionId } from '#hub/model/ids.ts'
import type {
  AcknowledgementState,
  AcknowledgementStatus,
  DeliveryState,
  DeliveryStatus,
  Environment,
  ProcessingState,
} from '#hub/model/states.ts'

/** A document as a line of a list. What the viewer may not see is null. */
export interface DocumentRow {
  id: DocumentId
  transmissionId: TransmissionId
  interchangeId: InterchangeId | null
  position: number
  senderId: PartnerId
  senderName: string | null
  senderOurs: boolean
  receiverId: PartnerId | null
  receiverName: string | null
  env: Environment | null
  format: string | null
  type: string
  wireType: string
  number: string | null
  /** The control reference of its interchange. */
  reference: string | null
  fileName: string | null
  lines: number
  processing: ProcessingState
  resumeAt: string | null
  stoppedAt: string | null
  code: string | null
  delivery: DeliveryStatus
  acknowledgement: AcknowledgementStatus
  at: Date
  inbound: { channelKey: string; channelKind: string } | null
  /** The delivery that is least advanced, where the viewer may see deliveries of this document. */
  outbound: OutboundFacts | null
  /** What we owe the sender, where the viewer may see it. */
  owed: { state: AcknowledgementState; deliveryState: DeliveryState | null } | null
  /** The earliest answer that is still awaited from the receiver. */
  awaited: { dueAt: Date; overdue: boolean } | null
}

export interface OutboundFacts {
  channelKind: string | null
  state: DeliveryState
  attempt: number
  nextAt: Date | null
  dueAt: Date | null
  overdue: boolean
  code: string | null
  /** Its channel takes nothing until a person of the hub lets it. */
  suspended: boolean
}

/** The columns of a line of a list, over the aliases of `rowJoins`. */
export const rowColumns = `d.id, d.transmission_id "transmissionId", d.interchange_id "interchangeId", d.position,
  d.sender "senderId", s.name "senderName", coalesce(s.ours, false) "senderOurs",
  d.receiver "receiverId", r.name "receiverName", d.env, d.format, d.type, d.wire_type "wireType", d.number,
  i.reference, t.name "fileName", d.lines, d.processing, d.resume_at "resumeAt", d.stopped_at "stoppedAt", d.code,
  d.delivery, d.acknowledgement, coalesce(t.at, d.at) at, c.key "inboundKey", c.kind "inboundKind",
  o.state "outState", o.kind "outKind", o.attempt "outAttempt", o.next_at "outNextAt", o.due_at "outDueAt",
  o.overdue "outOverdue", o.code "outCode", coalesce(o.suspended, false) "outSuspended",
  owed.state "owedState", owed.delivery_state "owedDeliveryState", awaited.due_at "awaitedDueAt", awaited.overdue "awaitedOverdue"`

/** Least advanced first: of several outputs the one that still needs something is shown. */
const leastAdvanced = `array_position(array['refused','held','stopped','waiting','sending','pending','delivered'], w.state)`

/** What stands beside a document `d`. Row-level security leaves out what the viewer may not see. */
export const rowJoins = `
  left join partner s on s.id = d.sender
  left join partner r on r.id = d.receiver
  left join transmission t on t.id = d.transmission_id
  left join channel c on c.id = t.channel_id
  left join interchange i on i.id = d.interchange_id
  left join lateral (
    select w.state, w.attempt, w.next_at, w.due_at, w.code, wc.kind, wc.suspended_at is not null suspended,
           coalesce(w.overdue_at is not null or w.due_at < now(), false) overdue
    from output x join delivery w on w.interchange_id = x.interchange_id left join channel wc on wc.id = w.channel_id
    where x.document_id = d.id order by ${leastAdvanced} limit 1) o on true
  left join lateral (
    select a.state, ad.state delivery_state
    from acknowledgement a left join delivery ad on ad.id = a.delivery_id
    where a.about_id = any (array[d.id, d.interchange_id, d.transmission_id]) and a.way = 'owed'
    order by a.level = 'transport', a.about_id = d.id desc limit 1) owed on true
  left join lateral (
    select min(a.due_at) due_at, bool_or(a.overdue_at is not null or a.due_at < now()) overdue
    from output x join delivery w on w.interchange_id = x.interchange_id
    join acknowledgement a on a.about_id = any (array[x.interchange_id, w.id, d.id])
    where x.document_id = d.id and a.way = 'expected' and a.state = 'waiting') awaited on true`

/** A row as PostgreSQL gives it. */
export interface RawRow extends Omit<DocumentRow, 'inbound' | 'outbound' | 'owed' | 'awaited'> {
  inboundKey: string | null
  inboundKind: string | null
  outState: NonNullable<DocumentRow['outbound']>['state'] | null
  outKind: string | null
  outAttempt: number
  outNextAt: Date | null
  outDueAt: Date | null
  outOverdue: boolean
  outCode: string | null
  outSuspended: boolean
  owedState: NonNullable<DocumentRow['owed']>['state'] | null
  owedDeliveryState: NonNullable<DocumentRow['owed']>['deliveryState']
  awaitedDueAt: Date | null
  awaitedOverdue: boolean | null
}

/** Gathers the columns of one thing into one member. */
export function toRow(raw: RawRow): DocumentRow {
  const { inboundKey, inboundKind, outState, outKind, outAttempt, outNextAt, outDueAt, outOverdue, outCode } =
    raw
  const { owedState, owedDeliveryState, awaitedDueAt, awaitedOverdue } = raw
  return {
    id: raw.id,
    transmissionId: raw.transmissionId,
    interchangeId: raw.interchangeId,
    position: raw.position,
    senderId: raw.senderId,
    senderName: raw.senderName,
    senderOurs: raw.senderOurs,
    receiverId: raw.receiverId,
    receiverName: raw.receiverName,
    env: raw.env,
    format: raw.format,
    type: raw.type,
    wireType: raw.wireType,
    number: raw.number,
    reference: raw.reference === '' ? null : raw.reference,
    fileName: raw.fileName,
    lines: raw.lines,
    processing: raw.processing,
    resumeAt: raw.resumeAt,
    stoppedAt: raw.stoppedAt,
    code: raw.code,
    delivery: raw.delivery,
    acknowledgement: raw.acknowledgement,
    at: raw.at,
    inbound:
      inboundKey === null || inboundKind === null
        ? null
        : { channelKey: inboundKey, channelKind: inboundKind },
    outbound:
      outState === null
        ? null
        : {
            channelKind: outKind,
            state: outState,
            attempt: outAttempt,
            nextAt: outNextAt,
            dueAt: outDueAt,
            overdue: outOverdue,
            code: outCode,
            suspended: raw.outSuspended,
          },
    owed: owedState === null ? null : { state: owedState, deliveryState: owedDeliveryState },
    awaited: awaitedDueAt === null ? null : { dueAt: awaitedDueAt, overdue: awaitedOverdue === true },
  }
}
