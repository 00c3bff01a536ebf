import type { DeliveryId, InterchangeId, PartnerId, TransmissionId } from '#hub/model/ids.ts'
import type { AcknowledgementState } from '#hub/model/states.ts'
import { textColumn } from './columns.ts'
import type { Queryable } from './connect.ts'

/** An interchange of ours that an answer speaks about. */
export interface AnsweredInterchange {
  id: InterchangeId
  /** Null where no answer was expected. */
  state: AcknowledgementState | null
  deliveryId: DeliveryId | null
  /** The references of the messages in it. */
  messages: string[]
}

/**
 * The interchange that we sent to a partner under a reference, in the name of `sentBy` where the answer tells it: each
 * sender counts by itself. Where it was used more than once, the newest that is not answered for good, else the newest.
 */
export async function findAnswered(
  client: Queryable,
  partnerId: PartnerId,
  { reference, sentBy }: { reference: string; sentBy: string | null },
): Promise<AnsweredInterchange | null> {
  const { rows } = await client.query<{
    id: InterchangeId
    state: AcknowledgementState | null
    delivery_id: DeliveryId | null
    messages: string[]
  }>({
    name: 'process_find_answered',
    text: `select i.id, a.state, d.id as delivery_id,
                  array(select coalesce(o.message_ref, '') from output o where o.interchange_id = i.id) as messages
           from interchange i
           left join acknowledgement a on a.about_id = i.id and a.level = 'syntax' and a.way = 'expected'
           left join delivery d on d.interchange_id = i.id
           where i.reference = $2 and i.direction = 'out' and i.partner_id = $1
             and ($3::text is null or i.sender ->> 'value' = $3)
           order by coalesce(a.state, 'waiting') <> 'waiting', i.id desc
           limit 1`,
    values: [partnerId, reference, sentBy],
  })
  const row = rows[0]
  if (row === undefined) return null
  return { id: row.id, state: row.state, deliveryId: row.delivery_id, messages: row.messages }
}

export interface ReceivedAcknowledgement {
  about: InterchangeId
  partnerId: PartnerId
  state: AcknowledgementState
  evidence: TransmissionId
  code: string | null
}

/**
 * Records what an answer says of each message of an interchange that holds several: its document's own answer counts for it
 * in place of that for the whole.
 */
export async function recordMessageAnswers(
  client: Queryable,
  answer: Omit<ReceivedAcknowledgement, 'state' | 'code'>,
  messages: readonly { reference: string; state: AcknowledgementState; code: string | null }[],
): Promise<void> {
  await client.query({
    name: 'process_record_message_answers',
    text: `insert into acknowledgement as a (about_id, level, way, partner_id, state, evidence_id, code)
           select distinct on (o.document_id) o.document_id, 'syntax', 'expected', $2, m.state, $3, m.code
           from output o
           join unnest($4::text[], $5::text[], $6::text[]) as m (reference, state, code) on m.reference = o.message_ref
           where o.interchange_id = $1
           order by o.document_id, m.state = 'accepted'
           on conflict (about_id, level, way) do update
             set state = excluded.state, evidence_id = excluded.evidence_id, code = excluded.code`,
    values: [
      answer.about,
      answer.partnerId,
      answer.evidence,
      textColumn(messages, (message) => message.reference),
      textColumn(messages, (message) => message.state),
      textColumn(messages, (message) => message.code),
    ],
  })
}

/** Records an answer with its evidence. One that is answered for good already stays; returns whether this one counts. */
export async function recordAnswer(client: Queryable, answer: ReceivedAcknowledgement): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'process_record_answer',
    text: `insert into acknowledgement as a (about_id, level, way, partner_id, state, evidence_id, code)
           values ($1, 'syntax', 'expected', $2, $3, $4, $5)
           on conflict (about_id, level, way) do update
             set state = excluded.state, evidence_id = excluded.evidence_id, code = excluded.code
           where a.state = 'waiting'`,
    values: [answer.about, answer.partnerId, answer.state, answer.evidence, answer.code],
  })
  return rowCount === 1
}
