import { hash } from 'node:crypto'
import { limits } from '#hub/base/limits.ts'
import type { Finding } from '#hub/model/findings.ts'
import { derivedId, type PartnerId, type PayloadId } from '#hub/model/ids.ts'
import type { ComputedDocument } from './computed.ts'
import type { Rows } from './rows.ts'

/** Keeps the canonical form of a document, where it has one. */
export function addCanonical(rows: Rows, document: ComputedDocument): PayloadId | null {
  const { documentId, known, canonicalBytes: bytes } = document
  if (bytes === undefined) return null
  return addPayload(rows, { owner: documentId, kind: 'canonical', partnerId: known.sender, bytes })
}

/** Keeps what was found in a document or an interchange; null where there is nothing. */
export function addFindings(
  rows: Rows,
  owner: Parameters<typeof derivedId>[0],
  partnerId: PartnerId,
  findings: Finding[],
): PayloadId | null {
  if (findings.length === 0) return null
  const bytes = Buffer.from(JSON.stringify(findings.slice(0, limits.findingsKept)))
  return addPayload(rows, { owner, kind: 'findings', partnerId, bytes })
}

/** The content is part of the id: processed again under another mapping, a document keeps both. */
function addPayload(
  rows: Rows,
  {
    owner,
    kind,
    partnerId,
    bytes,
  }: { owner: Parameters<typeof derivedId>[0]; kind: string; partnerId: PartnerId; bytes: Buffer },
): PayloadId {
  const sha256 = hash('sha256', bytes, 'buffer')
  const id = derivedId<PayloadId>(owner, kind, sha256.toString('hex'))
  rows.payloads.push({ id, partnerId, mediaType: 'application/json', bytes, sha256 })
  return id
}
