import type { DocumentTimeline } from '#hub/store/find-timeline.ts'
import {
  acknowledgementName,
  acknowledgementStatuses,
  deliveryName,
  deliveryStatuses,
  processingName,
  processingStatuses,
} from '../statuses.ts'
import type { Side } from '../turn.ts'
import { wordsIn } from '../words.ts'
import { entryContext, entryText } from './entry-text.ts'
import { sentenceOf } from './sentence.ts'
import { shownEntries } from './timeline-model.ts'

export interface TraceOptions {
  now: Date
  /** As whom to speak; the hub's people by default. */
  side?: Side
  /** IANA name; UTC by default, and named in the text. */
  zone?: string
}

/**
 * The sentence, the three statuses and the timeline of a document as plain English lines, for the command line. Control
 * characters from outside are left out.
 */
export function traceText(timeline: DocumentTimeline, options: TraceOptions): string {
  const words = wordsIn('en', options.zone ?? 'UTC')
  const { document } = timeline
  const context = { words, now: options.now, side: options.side ?? ('hub' as const) }
  const each = entryContext(timeline, context)
  const lines = shownEntries(timeline).map((entry) => {
    const { title, detail, proof } = entryText(entry, each)
    const said = [title, detail && `: ${detail}`, proof && ` [${proof}]`].filter(Boolean).join('')
    return `  ${words.exactTime(entry.at)}  ${said}`
  })
  return printable(
    [
      sentenceOf(document, context, timeline),
      `  processing ${processingStatuses[processingName(document)].en} · delivery ${deliveryStatuses[deliveryName(document)].en} · acknowledgement ${acknowledgementStatuses[acknowledgementName(document)].en}`,
      `  ${document.id}, ${words.day(document.at)}, times in ${words.zoneName(document.at)}`,
      ...lines,
      ...furtherLines(timeline).map((line) => `  ${line}`),
    ].join('\n'),
  )
}

/** What it waits behind, with what can be done, and the documents it came of or that came of it. */
function furtherLines({ inFront, origin, successors }: DocumentTimeline): string[] {
  const lines: string[] = []
  if (inFront !== null) {
    const { deliveryId, number, state, code } = inFront
    lines.push(
      `waits behind ${number ?? 'another delivery'}, which is ${[state, code].filter(Boolean).join(', ')}: ` +
        `crossdock delivery retry|stop|confirm ${deliveryId}`,
    )
  }
  if (origin !== null) lines.push(`came of document ${origin.id} (${origin.kind})`)
  return [...lines, ...successors.map((id) => `document ${id} came of it`)]
}

function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- names come from outside and could move the cursor
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '')
}
