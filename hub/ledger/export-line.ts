/** The lines of a ledger export, as docs/ledger.md has them. */
export type ExportLine =
  | { kind: 'epoch'; epoch: number; first: number; size: number; key: string }
  | {
      kind: 'entry'
      index: number
      hash: string
      leaf: string | null
      body: string | null
      proof: string[] | null
    }
  | { kind: 'checkpoint'; note: string }
  | { kind: 'consistency'; size: number; proof: string[] }
  | { kind: 'end'; entries: number }

/** Reads a line that is not the first; null where it has not exactly one of the forms. */
export function readExportLine(bytes: Buffer): ExportLine | null {
  const line = readObject(bytes)
  switch (line === null ? '' : Object.keys(line).sort().join(',')) {
    case 'epoch,first,key,size': {
      const { epoch, first, size, key } = line!
      if (!isWhole(epoch) || !isWhole(first) || !isWhole(size) || typeof key !== 'string') return null
      return { kind: 'epoch', epoch, first, size, key }
    }
    case 'body,hash,index,leaf':
    case 'body,hash,index,leaf,proof': {
      const { index, hash, leaf, body, proof = null } = line!
      if (!isWhole(index) || !isHash(hash) || !isTextOrNull(leaf) || !isTextOrNull(body)) return null
      if (proof !== null && !isProof(proof)) return null
      if (proof === null && 'proof' in line!) return null
      return { kind: 'entry', index, hash, leaf, body, proof }
    }
    case 'checkpoint': {
      const { checkpoint } = line!
      return typeof checkpoint === 'string' ? { kind: 'checkpoint', note: checkpoint } : null
    }
    case 'consistency': {
      const { consistency } = line!
      if (!isObject(consistency) || Object.keys(consistency).sort().join(',') !== 'proof,size') return null
      const { size, proof } = consistency
      return isWhole(size) && isProof(proof) ? { kind: 'consistency', size, proof } : null
    }
    case 'end': {
      const { end } = line!
      return isWhole(end) ? { kind: 'end', entries: end } : null
    }
    default:
      return null
  }
}

/** The first line's partner, null for the whole ledger; undefined where this is no ledger export of version 1. */
export function readExportHead(bytes: Buffer): string | null | undefined {
  const head = readObject(bytes)
  if (head === null || Object.keys(head).sort().join(',') !== 'format,partner,version') return undefined
  const { format, version, partner } = head
  if (format !== 'crossdock-ledger-export' || version !== 1) return undefined
  return partner === null || (typeof partner === 'string' && uuid.test(partner)) ? partner : undefined
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const hashForm = /^[0-9a-f]{64}$/
const proofMost = 64

function readObject(bytes: Buffer): Record<string, unknown> | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isHash(value: unknown): value is string {
  return typeof value === 'string' && hashForm.test(value)
}

/** A half of a surrogate pair has no bytes in UTF-8, hence no hash. */
function isTextOrNull(value: unknown): value is string | null {
  return value === null || (typeof value === 'string' && value.isWellFormed())
}

function isProof(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= proofMost && value.every(isHash)
}
