import type { Certificate, OwnCertificate } from './certificate.ts'
import type { DigestName } from './digests.ts'
import type { Headers } from '../mime/headers.ts'

/** Known ways in which products sign something else than what they send (AS2.md M25). Each is a term of the partner. */
export const signatureDefects = [
  'final-line-end-missing',
  'final-line-end-added',
  'line-ends-canonical',
] as const
export type SignatureDefect = (typeof signatureDefects)[number]

/** Takes the bytes of one part of the content, in their order. What it was given counts only once `open` says `opened`. */
export type PartSink = (chunk: Buffer) => void | Promise<void>

export interface OpenOptions {
  /** Our certificates and keys that may have been encrypted for: during a rotation there are several. */
  keys: readonly OwnCertificate[]
  /** The partner's pinned certificates. A certificate that the message brings along is never trusted (A2, M17). */
  signers: readonly Certificate[]
  /** What the agreement asks for; a message without it is refused. */
  require: { signed: boolean; encrypted: boolean }
  /** Dated exceptions of the partner (A9). MD5, RC2, DES and RSA below 2048 bits are never taken. */
  allow: { sha1: boolean; tripleDes: boolean }
  /** Defects of the partner's product that are let pass, in the order in which they are tried after the exact bytes. */
  defects: readonly SignatureDefect[]
  /** The digest of the MIC of what is not signed: the first supported that was asked for. */
  micDigest: DigestName
  /** What the MIC of a message that is only compressed is computed over: RFC 5402 §4.3 with headers, or as OpenAS2 does (M, fact 5). */
  compressedMic: 'entity' | 'body'
  /** Content beyond this is refused. */
  contentBytesMost: number
  /** Where a part's bytes go; without it they are returned, in memory. */
  into?: (part: { headers: Headers; mediaType: string; index: number }) => PartSink
}
