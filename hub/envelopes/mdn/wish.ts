import type { CodeName } from '#hub/model/codes/index.ts'
import { digestNamed, type DigestName } from '../smime/digests.ts'
import { header, type Headers } from '../mime/headers.ts'

/** What a sender wants as receipt (RFC 4130 §7.3). */
export interface ReceiptWish {
  signed: boolean
  /** The first digest asked for that the hub computes; null where nobody asked for one, or none of them is known. */
  digest: DigestName | null
  /** The digests asked for as they were spelt, so that the receipt speaks the same way (M6). */
  spellings: readonly string[]
  /** Where an asynchronous receipt is wanted (Receipt-Delivery-Option); the agreement decides whether it goes there (A11). */
  deliverTo: string | null
  /** What was required and is not there (N8). */
  refusal: CodeName | null
}

/** Disposition-Notification-To alone asks for a receipt (M8): null without it. The options stand in any order and spelling. */
export function receiptWish(headers: Headers, allow: { sha1: boolean }): ReceiptWish | null {
  if (header(headers, 'Disposition-Notification-To') === undefined) return null
  const options = readOptions(header(headers, 'Disposition-Notification-Options') ?? '')
  const protocol = options.get('signed-receipt-protocol')
  const micalg = options.get('signed-receipt-micalg')
  const signed = protocol?.values.some((value) => /^(x-)?pkcs7-signature$/i.test(value)) ?? false
  const spellings = micalg?.values ?? []
  const known = spellings.flatMap((spelling) => digestNamed(spelling) ?? [])
  const digest = known.find((name) => name !== 'sha1' || allow.sha1) ?? null
  return {
    signed,
    digest,
    spellings,
    deliverTo: header(headers, 'Receipt-Delivery-Option')?.trim() || null,
    refusal: refusalOf({
      noFormat: isRequired(protocol) && !signed,
      noDigest: isRequired(micalg) && digest === null,
    }),
  }
}

interface Option {
  required: boolean
  values: string[]
}

function readOptions(text: string): ReadonlyMap<string, Option> {
  const options = new Map<string, Option>()
  for (const piece of text.split(';')) {
    const equals = piece.indexOf('=')
    if (equals < 0) continue
    const [importance = '', ...values] = piece
      .slice(equals + 1)
      .split(',')
      .map((value) => value.trim().replaceAll('"', ''))
    const name = piece.slice(0, equals).trim().toLowerCase()
    const isImportance = /^(required|optional)$/i.test(importance)
    options.set(name, {
      required: importance.toLowerCase() === 'required',
      values: (isImportance ? values : [importance, ...values]).filter((value) => value !== ''),
    })
  }
  return options
}

function isRequired(option: Option | undefined): boolean {
  return option?.required ?? false
}

function refusalOf({ noFormat, noDigest }: { noFormat: boolean; noDigest: boolean }): CodeName | null {
  if (noFormat) return 'receiptFormatUnsupported'
  return noDigest ? 'micAlgorithmUnsupported' : null
}
