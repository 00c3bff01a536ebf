/**
 * Where the service segments keep what the reader needs, counted from 1 after the tag: batch interchanges (UNB … UNZ,
 * ISO 9735-2) and interactive ones (UIB … UIZ, ISO 9735-3).
 */
export interface EnvelopeLayout {
  header: string
  trailer: string
  messageHeader: string
  messageTrailer: string
  sender: number
  receiver: number
  /** Element positions tried in turn. */
  reference: readonly number[]
  dateTime: number
  acknowledgement: number
  test: number
  /** In the message header. */
  messageReference: number
  messageType: number
  /** In both trailers. */
  count: number
  trailerReference: number
  /** Whether the header has to name sender, receiver, date and reference, and the trailer to repeat it. */
  strict: boolean
}

export const batch: EnvelopeLayout = {
  header: 'UNB',
  trailer: 'UNZ',
  messageHeader: 'UNH',
  messageTrailer: 'UNT',
  sender: 2,
  receiver: 3,
  reference: [5],
  dateTime: 4,
  acknowledgement: 9,
  test: 11,
  messageReference: 1,
  messageType: 2,
  count: 1,
  trailerReference: 2,
  strict: true,
}

export const interactive: EnvelopeLayout = {
  header: 'UIB',
  trailer: 'UIZ',
  messageHeader: 'UIH',
  messageTrailer: 'UIT',
  sender: 6,
  receiver: 7,
  reference: [2, 3],
  dateTime: 8,
  acknowledgement: 0,
  test: 10,
  messageReference: 2,
  messageType: 1,
  count: 2,
  trailerReference: 1,
  strict: false,
}

/** The tags that make or end envelopes: never content of a message. */
export const envelopeTags: ReadonlySet<string> = new Set([
  'UNA',
  'UNB',
  'UNZ',
  'UNG',
  'UNE',
  'UNH',
  'UNT',
  'UIB',
  'UIZ',
  'UIH',
  'UIT',
])
