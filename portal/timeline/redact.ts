import type { DocumentRow, Viewer } from '#hub/store/find.ts'
import type { DocumentTimeline, TimelineEntry } from '#hub/store/find-timeline.ts'
import { sideOf, type Side } from '../turn.ts'

/**
 * Two parties look at one document. The sender sees raw bytes, findings, answers to it, the fact and time of delivery; the
 * receiver sees the output and its answers; neither sees the other's channel, mapping or raw bytes. Row-level security keeps the
 * rows apart; this takes out the fields of shared rows. Pages, API and command line all read through it.
 */
export function redactTimeline(timeline: DocumentTimeline, viewer: Viewer): DocumentTimeline {
  const side = sideOf(timeline.document, viewer)
  if (side === 'hub') return timeline
  return {
    ...timeline,
    document: redactRow(timeline.document, viewer),
    inFront: null,
    entries: timeline.entries.flatMap((entry) => redactEntry(entry, side)),
    artefacts:
      side === 'sender'
        ? { ...timeline.artefacts, candidates: [] }
        : { raw: null, canonicalId: null, findingsIds: [], interchangePosition: null, candidates: [] },
  }
}

/** A line of a list as its viewer may see it. */
export function redactRow(row: DocumentRow, viewer: Viewer): DocumentRow {
  const side = sideOf(row, viewer)
  if (side === 'receiver') {
    return { ...row, format: null, code: null, reference: null, fileName: null, inbound: null, owed: null }
  }
  return row
}

/** An entry without what belongs to the other party; none where nothing of it is left. */
function redactEntry(entry: TimelineEntry, side: Exclude<Side, 'hub'>): TimelineEntry[] {
  const actor = entry.actor.startsWith('person:')
    ? 'person'
    : entry.actor.startsWith('channel:')
      ? 'channel'
      : entry.actor
  const shown = { ...entry, actor }
  if (side === 'receiver') {
    const mine =
      entry.type.startsWith('delivery.') ||
      entry.type.startsWith('output.') ||
      entry.type === 'document.delivered'
    const answers = entry.type === 'acknowledgement.received' || entry.type === 'acknowledgement.overdue'
    return mine || answers ? [shown] : []
  }
  if (entry.type === 'output.queued') {
    return [
      {
        ...shown,
        type: 'output.queued',
        channelKind: null,
        body: { ...entry.body, channel: '', format: '', wireId: '', sha256: '', sizeBytes: 0 },
      },
    ]
  }
  if (entry.type === 'output.bundled') {
    const body = { ...entry.body, channel: '', format: '', sizeBytes: 0 }
    return [{ ...shown, type: 'output.bundled', channelKind: null, body }]
  }
  return [shown]
}
