import { createHash } from 'node:crypto'
import { digestNamed, digestNames, micalgOf, type DigestName } from '../smime/digests.ts'
import { withCanonicalLineEnds } from '../smime/signed-bytes.ts'

/** A Received-Content-MIC field as read. */
export interface ReceivedMic {
  value: Buffer
  /** As written, e.g. `sha-256`. */
  algorithm: string
}

/** Reads `base64, algorithm`, with or without a blank behind the comma, folded or not (M29). Null where it is neither. */
export function readMic(text: string): ReceivedMic | null {
  const comma = text.lastIndexOf(',')
  const base64 = (comma < 0 ? text : text.slice(0, comma)).replaceAll(/\s+/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return null
  return { value: Buffer.from(base64, 'base64'), algorithm: comma < 0 ? '' : text.slice(comma + 1).trim() }
}

/** One line, `base64, algorithm` (M29), in the spelling that was asked for where one of those means this digest (M6). */
export function writeMic(value: Buffer, digest: DigestName, spellings: readonly string[] = []): string {
  const spelling = spellings.find((one) => digestNamed(one) === digest) ?? micalgOf(digest)
  return `${value.toString('base64')}, ${spelling}`
}

/** What we sent, as far as a partner may have hashed it. */
export interface SentContent {
  /** The innermost entity, headers and body. */
  entity: Buffer
  body: Buffer
  /** The CompressedData entity, headers and body, where it was compressed before it was signed. */
  compressed: Buffer | null
  signed: boolean
  encrypted: boolean
  /** Compressed anywhere. */
  isCompressed: boolean
  /** The partner's term for what is only compressed. */
  compressedMic: 'entity' | 'body'
}

/** Names of what a MIC may be of. The right one by AS2.md §2 is tried first. */
export type MicVariant = `${'entity' | 'body' | 'compressed'}${'' | `-${MicChange}`}`
const changes = [
  'line-ends-canonical',
  'line-ends-bare',
  'final-line-end-added',
  'final-line-end-missing',
] as const
type MicChange = (typeof changes)[number]

export type MicComparison =
  | { kind: 'equal' }
  /** The partner has what we sent, and computes its MIC in another way: `variant`, by `digest`. */
  | { kind: 'variant'; variant: MicVariant; digest: DigestName }
  | { kind: 'differs'; expected: string }
  | { kind: 'missing' }

/**
 * Compares a partner's MIC with what we sent (AS2.md §2, fact 5): the right bytes by the named digest first, then the known
 * variants, then all of them by any other digest of that length. Missing evidence is never equal.
 */
export function compareMic(received: ReceivedMic | null, sent: SentContent): MicComparison {
  if (received === null) return { kind: 'missing' }
  const subjects = subjectsOf(sent)
  const named = digestNamed(received.algorithm)
  const digests = [...new Set([...(named === null ? [] : [named]), ...digestNames])]
  const first = digests[0]!
  for (const digest of digests.filter((one) => sizes[one] === received.value.length))
    for (const { variant, bytes } of variantsOf(subjects)) {
      if (!createHash(digest).update(bytes).digest().equals(received.value)) continue
      if (variant === subjects[0]!.name && digest === named) return { kind: 'equal' }
      return { kind: 'variant', variant, digest }
    }
  return { kind: 'differs', expected: writeMic(createHash(first).update(subjects[0]!.bytes).digest(), first) }
}

const sizes: Readonly<Record<DigestName, number>> = {
  sha1: 20,
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
}

interface Subject {
  name: 'entity' | 'body' | 'compressed'
  bytes: Buffer
}

/** What the MIC is over, the right one first. */
function subjectsOf(sent: SentContent): Subject[] {
  const entity: Subject = { name: 'entity', bytes: sent.entity }
  const body: Subject = { name: 'body', bytes: sent.body }
  const compressed: Subject[] =
    sent.compressed === null ? [] : [{ name: 'compressed', bytes: sent.compressed }]
  if (sent.signed) return [...compressed, entity, body]
  const bodyFirst = sent.encrypted ? false : !sent.isCompressed || sent.compressedMic === 'body'
  return [...(bodyFirst ? [body, entity] : [entity, body]), ...compressed]
}

function* variantsOf(subjects: readonly Subject[]): Generator<{ variant: MicVariant; bytes: Buffer }> {
  for (const { name, bytes } of subjects) yield { variant: name, bytes }
  for (const { name, bytes } of subjects)
    for (const change of changes) yield { variant: `${name}-${change}`, bytes: changed(bytes, change) }
}

function changed(bytes: Buffer, change: MicChange): Buffer {
  switch (change) {
    case 'line-ends-canonical':
      return withCanonicalLineEnds(bytes)
    case 'line-ends-bare':
      return Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1')
    case 'final-line-end-added':
      return Buffer.concat([bytes, Buffer.from('\r\n')])
    case 'final-line-end-missing':
      return Buffer.from(bytes.toString('latin1').replace(/\r?\n$/, ''), 'latin1')
  }
}
