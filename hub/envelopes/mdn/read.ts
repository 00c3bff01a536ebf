import { limits } from '#hub/base/limits.ts'
import type { CodeName } from '#hub/model/codes/index.ts'
import type { Detail } from '#hub/model/outcomes.ts'
import { ByteReader, type Bytes } from '../mime/byte-reader.ts'
import { header, readHeaders, type Headers } from '../mime/headers.ts'
import { Refusal } from '../refusal.ts'
import type { Certificate } from '../smime/certificate.ts'
import { open } from '../smime/open.ts'
import type { Layer, OpenedPart } from '../smime/opened.ts'
import type { OpenOptions } from '../smime/options.ts'
import { readDisposition, type Disposition } from './disposition.ts'
import { readMic, type ReceivedMic } from './mic.ts'

/** What an MDN says. */
export interface Mdn {
  /** As echoed; compare with `isSameMessageId`. */
  originalMessageId: string | null
  disposition: Disposition
  mic: ReceivedMic | null
  /** Other than AS2-To is tolerated. */
  finalRecipient: string | null
  reportingUa: string | null
  /** What the partner's product says to a person. */
  text: string
}

export type ReadMdn =
  | { kind: 'read'; mdn: Mdn; layers: Layer[]; signer: Certificate | null }
  | { kind: 'refused'; code: CodeName; detail: Detail; layers: Layer[] }

export type MdnOptions = Pick<OpenOptions, 'signers' | 'allow' | 'defects' | 'keys'> & { signed: boolean }

/**
 * Opens and reads an MDN, signed or not, as its HTTP headers and body. It has to be signed by a pinned certificate where
 * `signed` says so; known defects of the partner's product are tried after the exact bytes (M25). A partner's mistake is
 * an outcome: a refusal with its code.
 */
export async function readMdn(
  entity: { headers: Headers; body: Bytes },
  options: MdnOptions,
): Promise<ReadMdn> {
  const opened = await open(entity, {
    keys: options.keys,
    signers: options.signers,
    allow: options.allow,
    defects: options.defects,
    require: { signed: options.signed, encrypted: false },
    micDigest: 'sha256',
    compressedMic: 'entity',
    contentBytesMost: limits.mdnBytes,
  })
  const { layers } = opened
  if (opened.kind === 'refused') return { kind: 'refused', code: opened.code, detail: opened.detail, layers }
  try {
    return { kind: 'read', mdn: await readReport(opened.parts), layers, signer: opened.signer }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { kind: 'refused', code: 'receiptUnreadable', detail: error.detail, layers }
  }
}

/** Whether what was opened is an MDN, which is never answered by another (A12). */
export function isMdn(parts: readonly OpenedPart[]): boolean {
  return parts.some(({ mediaType }) => mediaType === 'message/disposition-notification')
}

async function readReport(parts: readonly OpenedPart[]): Promise<Mdn> {
  const report = parts.find(({ mediaType }) => mediaType === 'message/disposition-notification')
  if (report === undefined)
    throw new Refusal('receiptUnreadable', { reason: 'no message/disposition-notification' })
  const { headers } = await readHeaders(
    new ByteReader(Buffer.concat([report.bytes!, Buffer.from('\r\n\r\n')])),
  )
  const written = header(headers, 'Disposition')
  const disposition = written === undefined ? null : readDisposition(written)
  if (disposition === null) throw new Refusal('receiptUnreadable', { reason: 'no disposition that is known' })
  return {
    originalMessageId: header(headers, 'Original-Message-ID') ?? null,
    disposition,
    mic: readMic(header(headers, 'Received-Content-MIC') ?? ''),
    finalRecipient: header(headers, 'Final-Recipient')?.replace(/^[^;]*;\s*/, '') ?? null,
    reportingUa: header(headers, 'Reporting-UA') ?? null,
    text:
      parts
        .find(({ mediaType }) => mediaType === 'text/plain')
        ?.bytes?.toString('utf8')
        .trim() ?? '',
  }
}

/** Whether an echoed message id is that of ours: with or without angle brackets and blanks (M15). */
export function isSameMessageId(echoed: string, own: string): boolean {
  return bare(echoed) === bare(own)
}

function bare(id: string): string {
  return id.trim().replace(/^<(.*)>$/s, '$1')
}
