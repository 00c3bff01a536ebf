import { hash as digest } from 'node:crypto'
import { readExportHead, readExportLine, type ExportLine } from './export-line.ts'
import { leafHash, createRange, goesOnFrom, rootFromInclusion, type Range } from './tree.ts'
import { readLeaf, type Leaf } from './leaf.ts'
import { openCheckpoint, readCheckpoint, readVerifierKey, type Checkpoint } from './note.ts'

/** Where an export stops being good: the first entry that cannot be vouched for, by its index, and why. */
export interface Fault {
  index: number
  /** What does not hold; docs/ledger.md says each in a sentence. */
  reason:
    | 'line'
    | 'order'
    | 'missing'
    | 'leaf'
    | 'body'
    | 'sequence'
    | 'epoch'
    | 'checkpoint'
    | 'inclusion'
    | 'kept'
    | 'key'
    | 'end'
}

export interface Verified {
  /** Entries that were looked at. */
  entries: number
  fault: Fault | null
  /** The last checkpoint of the export: keep it, to hold a later export against it. Null where there is none. */
  checkpoint: string | null
  /** The key of the last epoch, in verifier form. */
  key: string | null
  /** What is good and still worth knowing. */
  remarks: string[]
}

export interface VerifyTerms {
  /** A checkpoint that the auditor kept from earlier: a signed note. */
  kept: string | null
  /** The key that must have signed, in verifier form. */
  key: string | null
}

/** The export, the kept checkpoint or the key is not one: nothing can be said about the ledger. */
export class CannotVerify extends Error {}

/**
 * Verifies a ledger export, line by line and in constant memory, without a database. Throws CannotVerify where it is no
 * ledger export, or where it lacks the proof for the checkpoint that was kept. Lines come without their line feed.
 */
export async function verifyExport(lines: AsyncIterable<Buffer>, terms: VerifyTerms): Promise<Verified> {
  const kept = terms.kept === null ? null : readCheckpoint(terms.kept)
  if (terms.kept !== null && kept === null) throw new CannotVerify('what was kept is not a checkpoint')
  if (terms.key !== null && readVerifierKey(terms.key) === null)
    throw new CannotVerify('this is not a verifier key')
  let check: Check | null = null
  for await (const line of lines) {
    if (check === null) {
      const partner = readExportHead(line)
      if (partner === undefined) throw new CannotVerify('this is not a ledger export of version 1')
      check = new Check(partner, kept === null ? null : { note: terms.kept!, checkpoint: kept }, terms.key)
      continue
    }
    const fault = check.take(readExportLine(line))
    if (fault !== null) return check.result(fault)
  }
  if (check === null) throw new CannotVerify('this is not a ledger export of version 1')
  return check.result(check.close())
}

interface Kept {
  note: string
  checkpoint: Checkpoint
}

interface OpenEpoch {
  epoch: number
  first: number
  size: number
  origin: string
  publicKey: Buffer
  range: Range
  /** The root that is signed: of a partner's export from the start, else once all leaves are there. */
  root: Buffer | null
  keptSeen: boolean
}

type EntryLine = Extract<ExportLine, { kind: 'entry' }>

/** Holds each line against those before it. */
class Check {
  private readonly partner: string | null
  private readonly kept: Kept | null
  private readonly wantedKey: string | null
  private readonly histories = new Map<string, { pseq: number; hash: string }>()
  private readonly remarks: string[] = []
  private epoch: OpenEpoch | null = null
  private before: OpenEpoch | null = null
  /** The index that is due. */
  private next = 0
  /** Entries before this index are vouched for by a signed root. */
  private vouchedTo = 0
  private entries = 0
  private checkpoint: string | null = null
  private key: string | null = null
  private keptKnown = false
  private ended = false

  constructor(partner: string | null, kept: Kept | null, wantedKey: string | null) {
    this.partner = partner
    this.kept = kept
    this.wantedKey = wantedKey
  }

  take(line: ExportLine | null): Fault | null {
    if (this.ended) return this.bad('end')
    switch (line?.kind) {
      case undefined:
        return this.bad('line')
      case 'epoch':
        return this.takeEpoch(line)
      case 'entry':
        return this.takeEntry(line)
      case 'checkpoint':
        return this.takeCheckpoint(line.note)
      case 'consistency':
        return this.takeConsistency(line)
      case 'end':
        return this.takeEnd(line.entries)
    }
  }

  close(): Fault | null {
    return this.ended ? null : this.bad('end')
  }

  result(fault: Fault | null): Verified {
    const { entries, checkpoint, key, remarks } = this
    return { entries, fault, checkpoint, key, remarks }
  }

  private bad(reason: Fault['reason'], index: number = this.next): Fault {
    return { index, reason }
  }

  /** The checkpoint that was kept, where it is one of this epoch. */
  private keptOf(epoch: OpenEpoch): Checkpoint | null {
    return this.kept?.checkpoint.origin === epoch.origin ? this.kept.checkpoint : null
  }

  private endEpoch(): Fault | null {
    const { epoch } = this
    if (epoch === null) return null
    if (epoch.root === null) return this.bad('missing')
    const kept = this.keptOf(epoch)
    if (kept === null) return null
    if (kept.size > epoch.size) return this.bad('kept', epoch.first + epoch.size)
    if (!epoch.keptSeen && kept.size > 0)
      throw new CannotVerify(
        'this export has no proof from the checkpoint that was kept; export with --checkpoint',
      )
    return null
  }

  private takeEpoch(line: Extract<ExportLine, { kind: 'epoch' }>): Fault | null {
    const fault = this.endEpoch()
    if (fault !== null) return fault
    const named = readVerifierKey(line.key)
    const first = this.epoch === null ? 0 : this.epoch.first + this.epoch.size
    const fits = line.first === first && line.size > 0 && line.epoch > (this.epoch?.epoch ?? 0)
    if (named === null || !fits || !named.name.endsWith(`/${line.epoch}`)) return this.bad('epoch', first)
    this.before = this.epoch
    const { name: origin, publicKey } = named
    this.epoch = { ...line, origin, publicKey, range: createRange(), root: null, keptSeen: false }
    this.next = first
    this.vouchedTo = first
    this.key = line.key
    if (this.kept === null || this.keptOf(this.epoch) === null) return null
    this.keptKnown = true
    return openCheckpoint(this.kept.note, publicKey) === null ? this.bad('kept', first) : null
  }

  private takeCheckpoint(note: string): Fault | null {
    const { epoch } = this
    if (epoch === null) return this.bad('order')
    const signed = openCheckpoint(note, epoch.publicKey)
    if (signed === null || signed.origin !== epoch.origin) return this.bad('checkpoint', this.vouchedTo)
    const fault = this.partner === null ? this.signsTree(epoch, signed) : this.signsPartner(epoch, signed)
    if (fault !== null) return fault
    if (signed.size === epoch.size) epoch.root = signed.root
    this.checkpoint = note
    return null
  }

  private signsTree(epoch: OpenEpoch, { size, root }: Checkpoint): Fault | null {
    if (size !== epoch.range.size() || !root.equals(epoch.range.root()))
      return this.bad('checkpoint', this.vouchedTo)
    this.vouchedTo = epoch.first + size
    return null
  }

  private signsPartner(epoch: OpenEpoch, { size, root }: Checkpoint): Fault | null {
    if (epoch.root !== null || size !== epoch.size) return this.bad('checkpoint', this.vouchedTo)
    const kept = this.keptOf(epoch)
    if (kept?.size !== size) return null
    if (!kept.root.equals(root)) return this.bad('kept', epoch.first)
    epoch.keptSeen = true
    return null
  }

  private takeConsistency({ size, proof }: { size: number; proof: string[] }): Fault | null {
    const { epoch } = this
    if (this.partner === null || epoch === null || epoch.root === null) return this.bad('order')
    const kept = this.keptOf(epoch)
    if (kept?.size !== size) return null
    if (!goesOnFrom(kept, { size: epoch.size, root: epoch.root }, proof.map(fromHex)))
      return this.bad('kept', epoch.first)
    epoch.keptSeen = true
    return null
  }

  private takeEntry(line: EntryLine): Fault | null {
    const { epoch, partner } = this
    if (epoch === null || (line.proof === null) !== (partner === null)) return this.bad('order')
    const local = line.index - epoch.first
    if (local < 0 || local >= epoch.size) return this.bad('order')
    const due = partner === null ? line.index === this.next : line.index >= this.next && epoch.root !== null
    if (!due) return this.bad('order')
    const reason = this.leafFault(epoch, line)
    if (reason !== null) return this.bad(reason, line.index)
    const fault = line.proof === null ? this.grow(epoch, line) : this.included(epoch, line, line.proof)
    if (fault !== null) return fault
    this.next = line.index + 1
    this.entries += 1
    return null
  }

  private grow(epoch: OpenEpoch, { hash }: EntryLine): Fault | null {
    epoch.range.push(fromHex(hash))
    const kept = this.keptOf(epoch)
    if (kept?.size !== epoch.range.size()) return null
    if (!kept.root.equals(epoch.range.root())) return this.bad('kept', this.vouchedTo)
    epoch.keptSeen = true
    return null
  }

  private included(epoch: OpenEpoch, { index, hash }: EntryLine, proof: string[]): Fault | null {
    const place = { index: index - epoch.first, size: epoch.size, proof: proof.map(fromHex) }
    const root = rootFromInclusion(fromHex(hash), place)
    return root?.equals(epoch.root!) === true ? null : this.bad('inclusion', index)
  }

  /** What holds of every entry by itself and in its partner's history. */
  private leafFault(epoch: OpenEpoch, line: EntryLine): Fault['reason'] | null {
    if (line.leaf === null || line.body === null) return 'missing'
    if (leafHash(line.leaf).toString('hex') !== line.hash) return 'leaf'
    const leaf = readLeaf(line.leaf)
    if (leaf === null || (this.partner !== null && leaf.partner !== this.partner)) return 'leaf'
    if (digest('sha256', line.body) !== leaf.bodySha256) return 'body'
    if (!this.follows(leaf)) return 'sequence'
    if (leaf.partner !== null) this.histories.set(leaf.partner, { pseq: leaf.pseq!, hash: line.hash })
    const begins = this.before !== null && line.index === epoch.first
    return begins && !this.declares(leaf, line.body, { before: this.before!, epoch }) ? 'epoch' : null
  }

  private follows({ partner, pseq, pprev }: Leaf): boolean {
    if (partner === null) return pseq === null && pprev === null
    const last = this.histories.get(partner)
    return pseq === (last?.pseq ?? 0) + 1 && pprev === (last?.hash ?? null)
  }

  /** The first leaf of a later epoch carries the checkpoint that was signed last; what was lost is said. */
  private declares(
    leaf: Leaf,
    body: string,
    { before, epoch }: { before: OpenEpoch; epoch: OpenEpoch },
  ): boolean {
    const previous = previousOf(body)
    if (leaf.type !== 'ledger.epoch' || previous === null) return false
    const signed = openCheckpoint(previous, before.publicKey)
    if (signed === null || signed.origin !== before.origin) {
      this.remarks.push(`epoch ${epoch.epoch} goes on from a checkpoint of another ledger`)
      return readCheckpoint(previous)?.origin !== before.origin
    }
    const lost = signed.size - before.size
    if (lost > 0)
      this.remarks.push(
        `epoch ${epoch.epoch} declares that ${lost} entries of epoch ${before.epoch} were lost`,
      )
    return lost !== 0 || signed.root.equals(before.root!)
  }

  private takeEnd(counted: number): Fault | null {
    const fault = this.endEpoch()
    if (fault !== null) return fault
    this.ended = true
    if (counted !== this.entries) return this.bad('end')
    if (this.kept !== null && !this.keptKnown) return this.bad('kept', 0)
    return this.wantedKey === null || this.wantedKey === this.key
      ? null
      : this.bad('key', this.epoch?.first ?? 0)
  }
}

function previousOf(body: string): string | null {
  try {
    const value: unknown = JSON.parse(body)
    const previous = (value as { previous?: unknown } | null)?.previous
    return typeof previous === 'string' ? previous : null
  } catch {
    return null
  }
}

function fromHex(hex: string): Buffer {
  return Buffer.from(hex, 'hex')
}
