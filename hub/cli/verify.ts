import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { limits } from '#hub/base/limits.ts'
import { readDocumentProof, verifyDocumentProof, type DocumentVerified } from '#hub/ledger/document-proof.ts'
import { readLines } from '#hub/ledger/lines.ts'
import { CannotVerify, verifyExport, type Fault, type Verified } from '#hub/ledger/verify.ts'
import { onePositional, textOption, UsageError, type Verb } from './verb.ts'

export const verify: Verb = {
  name: 'verify',
  summary: 'checks a ledger export or a proof offline and names the first bad entry',
  usage: 'crossdock verify BUNDLE [--checkpoint FILE] [--key KEY]',
  help: `BUNDLE is a file that "crossdock export --ledger" wrote. No database is needed. Checked are each leaf and body, the numbers
and links of each partner's history, the tree, and the signatures on its checkpoints. --checkpoint FILE holds it against a checkpoint
that was kept from earlier, and --key against the key that must have signed: without either, whoever has the signing key could have
written everything anew. BUNDLE may also be the proof of one document, as GET /v1/documents/ID/proof gives it. Exit code 0 good, 1 found wanting, 2 could not be verified.`,
  options: { checkpoint: { type: 'string' }, key: { type: 'string' } },
  run: async (call) => {
    const path = onePositional(call, 'BUNDLE: a file that "crossdock export --ledger" wrote')
    const checkpoint = textOption(call, 'checkpoint')
    const kept = checkpoint === undefined ? null : await readFile(checkpoint, 'utf8')
    const key = textOption(call, 'key') ?? null
    const proof = await documentProof(path)
    if (proof !== null) {
      if (kept !== null)
        throw new UsageError('a kept checkpoint is held against an export, not against a proof')
      const verified = verifyDocumentProof(proof, key)
      call.out(call.json ? JSON.stringify(verified, null, 2) : tellProof(verified))
      return verified.firstBad === null ? 0 : 1
    }
    const lines = readLines(createReadStream(path), limits.ledgerLineBytes)
    const verified = await verifyExport(lines, { kept, key }).catch((error: unknown) => {
      throw error instanceof CannotVerify ? new UsageError(`${path}: ${error.message}`) : error
    })
    if (call.json) call.out(JSON.stringify(jsonOf(verified), null, 2))
    else call.out(tell(verified, { held: kept !== null || key !== null }))
    return verified.fault === null ? 0 : 1
  },
}

/** Null where the file is no proof of a document: a ledger export begins otherwise. */
async function documentProof(path: string) {
  const { size } = await stat(path)
  return size > limits.ledgerLineBytes ? null : readDocumentProof(await readFile(path, 'utf8'))
}

function tellProof({ document, proven, waiting, withheld, firstBad, keys }: DocumentVerified): string {
  if (firstBad !== null) return `NOT GOOD: the proof of entry ${firstBad} does not hold.`
  const lines = [`Good: ${proven} entries of document ${document}, each in the signed tree.`]
  if (waiting > 0) lines.push(`  ${waiting} have no place in it yet: ask again in a few seconds.`)
  if (withheld > 0) lines.push(`  ${withheld} are not given, because they show what is the other party's.`)
  return [...lines, ...keys.map((key) => `  signed by ${key}`)].join('\n')
}

function jsonOf({ fault, ...rest }: Verified) {
  return {
    good: fault === null,
    ...(fault === null ? {} : { firstBad: fault.index, reason: fault.reason }),
    ...rest,
  }
}

function tell(verified: Verified, { held }: { held: boolean }): string {
  const { fault, entries, checkpoint, key, remarks } = verified
  const lines =
    fault === null
      ? [`Good: ${entries} entries, each in its place, under a signed checkpoint.`]
      : [`NOT GOOD: the first bad entry is ${fault.index}: ${reasons[fault.reason]}`]
  lines.push(...remarks.map((remark) => `  ${remark}`))
  if (fault === null && !held)
    lines.push(
      '  Held against nothing from earlier: keep this checkpoint, and give it to --checkpoint next time.',
    )
  if (fault === null && checkpoint !== null) lines.push(`  signed by ${key}`, '', checkpoint.trimEnd())
  return lines.join('\n')
}

const reasons: Record<Fault['reason'], string> = {
  line: 'a line of the export cannot be read.',
  order: 'a line stands where it does not belong, or an entry is missing before it.',
  missing: 'the entry, or the checkpoint after it, is not in the export.',
  leaf: 'the entry is not the one whose hash stands in the tree.',
  body: 'its body is not the one that the leaf vouches for.',
  sequence: 'it does not follow the entry before it in the history of its partner.',
  epoch: 'the epoch does not go on from the one before it.',
  checkpoint: 'no signed checkpoint vouches for it: the tree or the signature is not as it was.',
  inclusion: 'it is not in the tree that was signed.',
  kept: 'the ledger does not contain what the kept checkpoint vouches for.',
  key: 'the ledger was signed with another key than the one given.',
  end: 'the export ends too early, or goes on after its end.',
}
