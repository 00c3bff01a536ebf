import type { Clock } from '#hub/base/clock.ts'
import type { Sealer } from '#hub/model/sealing.ts'
import type { Store } from '#hub/store/connect.ts'
import { documentTimeline, type DocumentTimeline } from '#hub/store/find-timeline.ts'
import { findDocuments, findExact } from '#hub/store/find.ts'
import { asPartner } from '#hub/store/transaction.ts'
import { parseSearch } from '../pages/documents/search.ts'
import { findingsOf } from '../panes/panes.ts'
import { wordsIn } from '../words.ts'
import { candidateModels, type CandidateModel } from './candidates.ts'
import type { FindingModel } from './findings.ts'
import { traceText } from './text.ts'

export interface Traced {
  id: string
  /** The sentence, the three statuses, the timeline, and what was found wrong: plain English lines. */
  text: string
  timeline: DocumentTimeline
  findings: FindingModel[]
}

const tracedMost = 5

/**
 * Documents that words find (`order 345`), as the hub's people see them: those with exactly this number first, then those that
 * begin with it.
 */
export async function trace(
  deps: { store: Store; sealer: Sealer; clock: Clock },
  text: string,
): Promise<Traced[]> {
  const query = { viewer: '*', search: parseSearch(text), limit: tracedMost } as const
  const words = wordsIn('en', 'UTC')
  return asPartner(deps.store.portal, '*', async (client) => {
    const exact = await findExact(client, query)
    const { rows } = await findDocuments(client, query)
    const ids = new Set([...exact, ...rows].map(({ id }) => id))
    const traced: Traced[] = []
    for (const id of [...ids].slice(0, tracedMost)) {
      const timeline = await documentTimeline(client, id)
      if (timeline === null) continue
      const findings = await findingsOf(client, deps.sealer, timeline, words)
      const looked = candidateModels(timeline, 'hub', words)?.rows ?? []
      const lines = [
        traceText(timeline, { now: deps.clock.now() }),
        ...findings.map(findingText),
        ...looked.map(candidateText),
      ]
      traced.push({ id, timeline, findings, text: lines.join('\n') })
    }
    return traced
  })
}

function findingText({ severityWord, code, what, message, where, fix }: FindingModel): string {
  const place = where === '' ? '' : ` (${where})`
  return `  ${severityWord} ${code}: ${message === '' ? what : message}${place}\n      ${fix}`.replaceAll(
    control,
    '',
  )
}

function candidateText({ kind, key, reason }: CandidateModel): string {
  return `  ${kind} ${key}: ${reason ?? 'fits'}`.replaceAll(control, '')
}

// messages hold texts from outside, which could move the cursor
// eslint-disable-next-line no-control-regex
const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g
