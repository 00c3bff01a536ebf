import type { Candidate } from '#hub/model/agreement.ts'
import { reasonText, type Reason } from '#hub/model/reasons.ts'
import type { DocumentRow, Viewer } from '#hub/store/find.ts'
import type { DocumentTimeline, Exchange, TimelineEntry } from '#hub/store/find-timeline.ts'
import { acknowledgementName, deliveryName, processingName } from '../statuses.ts'
import { sentenceOf } from '../timeline/sentence.ts'
import { sideOf, turnOf } from '../turn.ts'
import { wordsIn } from '../words.ts'

/** A document as the API gives it. Times are UTC in ISO 8601; absent things are null. */
export function documentView(
  row: DocumentRow,
  viewer: Viewer,
  now: Date,
  timeline: DocumentTimeline | null = null,
) {
  const side = sideOf(row, viewer)
  const turn = turnOf(row)
  return {
    id: row.id,
    exchange: side === 'receiver' ? null : row.transmissionId,
    type: row.type,
    wireType: row.wireType,
    number: row.number,
    reference: row.reference,
    fileName: row.fileName,
    format: row.format,
    environment: row.env,
    lines: row.lines,
    sender: row.senderName,
    receiver: row.receiverName,
    side,
    receivedAt: row.at.toISOString(),
    processing: { state: row.processing, shown: processingName(row), code: row.code, step: row.stoppedAt },
    delivery: { state: row.delivery, shown: deliveryName(row) },
    acknowledgement: { state: row.acknowledgement, shown: acknowledgementName(row) },
    turn: turn === 'busy' || turn === 'done' ? 'nobody' : turn,
    sentence: sentenceOf(row, { words: wordsIn('en', 'UTC'), side, now }, timeline),
    ...(timeline !== null && {
      origin: timeline.origin,
      successors: timeline.successors,
      waitsBehind: timeline.inFront,
    }),
    links: {
      self: `/v1/documents/${row.id}`,
      timeline: `/v1/documents/${row.id}/timeline`,
      proof: `/v1/documents/${row.id}/proof`,
    },
  }
}

/** A ledger entry as the API gives it: the body as it stands in the ledger, with ids, and the receiver it is about by name. */
export function entryView(entry: TimelineEntry) {
  const { id, at, type, actor, receiverName, body } = entry
  return { id, at: at.toISOString(), type, actor, receiver: receiverName, body }
}

/** What was looked at to route a document: the reason as a name with what fills its places, and as a sentence in both languages. */
export function candidateView({ kind, key, refused }: Candidate) {
  const reason = refused === null ? null : { ...refused, text: bothTexts(refused) }
  return { kind, key, refused: reason }
}

function bothTexts(reason: Reason): { en: string; fr: string } {
  return { en: reasonText(reason, 'en'), fr: reasonText(reason, 'fr') }
}

/** An exchange with its documents as the API gives it. */
export function exchangeView(exchange: Exchange, documents: readonly object[]) {
  return {
    id: exchange.id,
    state: exchange.state,
    code: exchange.code,
    fileName: exchange.name,
    channel: exchange.channelKey,
    receivedAt: exchange.at.toISOString(),
    sizeBytes: exchange.sizeBytes,
    sha256: exchange.sha256?.toString('hex') ?? null,
    duplicateOf: exchange.duplicateOf,
    documents,
  }
}
