import { codes, type CodeName } from '#hub/model/codes/index.ts'
import type { Finding } from '#hub/model/findings.ts'
import type { DocumentId, InterchangeId, PayloadId, TransmissionId } from '#hub/model/ids.ts'
import { readPayload } from '#hub/store/payload.ts'
import { loadFinalInterchanges, loadJudgedDocuments, type JudgedRow } from '#hub/store/process-load.ts'
import type { ComputedDocument, Verdict } from './computed.ts'
import type { Parts } from './deps.ts'

/** What earlier portions of a large file came to. */
export interface Judged {
  documents: ReadonlyMap<DocumentId, ComputedDocument>
  /** Interchanges that have their state and their answer. */
  final: ReadonlySet<InterchangeId>
}

export const nothingJudged: Judged = { documents: new Map(), final: new Set() }

/** Loads what an interchange's judgement needs of the documents that were recorded before. */
export async function loadJudged(transmissionId: TransmissionId, parts: Parts): Promise<Judged> {
  const { worker } = parts.store
  const documents = new Map<DocumentId, ComputedDocument>()
  for (const row of await loadJudgedDocuments(worker, transmissionId)) {
    documents.set(row.id, judgedDocument(row, await readFindings(row.findingsId, parts)))
  }
  return { documents, final: await loadFinalInterchanges(worker, transmissionId) }
}

function judgedDocument(row: JudgedRow, findings: Finding[]): ComputedDocument {
  const { id, transmissionId, interchangeId, position, known } = row
  return {
    documentId: id,
    transmissionId,
    interchangeId,
    position,
    known: { ...known, findings },
    stepsMs: {},
    verdict: verdictOfRow(row),
  }
}

function verdictOfRow({ id, processing, stoppedAt, code, known }: JudgedRow): Verdict {
  if (processing === 'duplicate') return { kind: 'duplicate', of: '', step: stoppedAt ?? 'split' }
  if (processing !== 'rejected')
    return { kind: 'mapped', mapped: { documentId: id, env: known.env ?? 'live', number: null, outputs: [] } }
  return { kind: 'rejected', code: nameOfCode(code), step: stoppedAt ?? 'split' }
}

function nameOfCode(code: string | null): CodeName {
  const found = Object.entries(codes).find(([, row]) => row.code === code)
  return (found?.[0] ?? 'unexpected') as CodeName
}

/** What was found in a document before. */
export async function readFindings(id: PayloadId | null, { store, sealer }: Parts): Promise<Finding[]> {
  if (id === null) return []
  return JSON.parse((await readPayload(store.worker, sealer, id)).toString('utf8')) as Finding[]
}
