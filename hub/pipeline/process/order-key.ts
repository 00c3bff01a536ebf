import { createHash } from 'node:crypto'
import type { ResolvedAgreement } from '#hub/model/agreement.ts'
import type { DocumentId, PartnerId } from '#hub/model/ids.ts'
import type { CanonicalDocument } from '#hub/model/mapping.ts'

/** What the key of a document is made of. */
export interface KeyedDocument {
  documentId: DocumentId
  sender: PartnerId
  number: string | null
  canonical: CanonicalDocument | null
}

/**
 * The key within which the documents of an agreement leave in order, or null where its receiver's profile does not ask for
 * order: the channel they go over, who sent them, and the business key. What `orderedBy` names and a document does not have
 * is its number instead, so that an order and the change that refers to it have the same key.
 */
export function orderKeyOf(agreement: ResolvedAgreement, document: KeyedDocument): string | null {
  const { ordered, orderedBy = 'number' } = agreement.receiver.terms
  if (ordered !== true) return null
  return `${agreement.channel.id}|${document.sender}|${businessKey(orderedBy, document)}`
}

function businessKey(orderedBy: string, { documentId, number, canonical }: KeyedDocument): string {
  if (orderedBy === 'sender') return ''
  const named = orderedBy === 'number' ? null : memberOf(canonical, orderedBy)
  return short(named ?? number ?? documentId)
}

/** The text at a path of the canonical document, e.g. `orderDocumentReference.id`; of a list the first one counts. */
function memberOf(canonical: CanonicalDocument | null, path: string): string | null {
  let value: unknown = canonical
  for (const name of path.split('.')) {
    if (Array.isArray(value)) value = value[0]
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return null
    value = (value as Record<string, unknown>)[name]
  }
  return typeof value === 'string' && value !== '' ? value : null
}

/** An index holds keys of some length only. */
function short(text: string): string {
  return text.length <= keyCharacters ? text : createHash('sha256').update(text).digest('hex')
}

const keyCharacters = 200
