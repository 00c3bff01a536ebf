import { proofHolds, type EntryProof } from './prove.ts'

/** All that the ledger vouches for about one document: the answer of `GET /v1/documents/{id}/proof`. */
export interface DocumentProof {
  format: 'crossdock-document-proof'
  version: 1
  document: string
  /** In the order of the timeline. */
  entries: {
    id: string
    type: string
    /** Null: the entry has no place in the tree yet (`waiting`), or shows what is the other party's (`withheld`). */
    proof: EntryProof | null
    why: 'waiting' | 'withheld' | null
  }[]
  /** Entries beyond the limit, which are not in it. */
  more: number
}

export interface DocumentVerified {
  document: string
  /** Entries whose proof holds. */
  proven: number
  waiting: number
  withheld: number
  /** The id of the first entry whose proof does not hold, or that is not the one it is said to be. */
  firstBad: string | null
  /** The keys that signed, in verifier form: one, but for a document that two epochs speak of. */
  keys: string[]
}

/** Reads a document's proof; null where the text is none. */
export function readDocumentProof(text: string): DocumentProof | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  const { format, version, document, entries } = (value ?? {}) as Partial<
    Record<keyof DocumentProof, unknown>
  >
  const whole = format === 'crossdock-document-proof' && version === 1 && typeof document === 'string'
  return whole && Array.isArray(entries) && entries.every(isEntry) ? (value as DocumentProof) : null
}

/** Checks each entry's body, leaf, place in the tree and signature, and that its leaf is of the entry it is said to be. */
export function verifyDocumentProof(
  { document, entries }: DocumentProof,
  key: string | null,
): DocumentVerified {
  const bad = entries.find(({ id, type, proof }) => {
    if (proof === null) return false
    const leaf = proofHolds(proof) ? (JSON.parse(proof.leaf) as { id: string; type: string }) : null
    return leaf?.id !== id || leaf.type !== type || (key !== null && proof.key !== key)
  })
  const count = (why: string | null) => entries.filter((entry) => entry.why === why).length
  const keys = [...new Set(entries.flatMap(({ proof }) => proof?.key ?? []))]
  const proven = bad === undefined ? entries.filter(({ proof }) => proof !== null).length : 0
  return {
    document,
    proven,
    waiting: count('waiting'),
    withheld: count('withheld'),
    firstBad: bad?.id ?? null,
    keys,
  }
}

function isEntry(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { id, type, proof } = value as Record<string, unknown>
  return typeof id === 'string' && typeof type === 'string' && (proof === null || isProof(proof))
}

function isProof(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { leaf, body, key, proof } = value as Record<string, unknown>
  return [leaf, body, key, proof].every((text) => typeof text === 'string')
}
