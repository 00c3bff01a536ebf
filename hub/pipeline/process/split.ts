import { limits as hubLimits } from '#hub/base/limits.ts'
import { limitWords } from '#hub/base/traffic-limits.ts'
import { limitsOf } from '#hub/model/channel-limits.ts'
import { HubError } from '#hub/model/errors.ts'
import type { CodeName } from '#hub/model/codes/index.ts'
import type { Finding } from '#hub/model/findings.ts'
import type { Format, FormatEvent, ReadMessage, ReadOptions } from '#hub/model/format.ts'
import { derivedId } from '#hub/model/ids.ts'
import { ContentHasher } from './content-hash.ts'
import { slicesOf, takingTurns } from './turns.ts'
import type { Envelope, FoundDocument, ReceivedFile, Step, Tools } from './stages.ts'

/** Bytes that detection looks at. */
export const headBytes = 4096

/**
 * Finds the interchanges and messages of a file. Whatever cannot be read still gives a document, of type `unread`.
 * The release rule is settled here: a document of an interchange whose end was not seen, or whose envelope is faulty,
 * carries a refusal.
 */
export const split: Step<ReceivedFile, FoundDocument> = {
  name: 'split',
  faultCode: 'readerFailed',
  run: async (file, tools) => {
    const heads = documentsOf(file, await surveyWhole(file, tools))
    return { kind: 'many', values: heads.map((head) => withAnswer(head, tools)) }
  },
}

/** What a file holds. `strays` are faults outside any interchange. */
export interface Survey {
  envelopes: Envelope[]
  strays: { code: CodeName; findings: Finding[] }[]
}

/** The format of a file by its first bytes, or null. */
export function formatOf(head: Buffer, tools: Tools): Format | null {
  const name = tools.detectFormat(head.subarray(0, headBytes))
  return name === null ? null : tools.formats[name]
}

/** One document for each message, stray and empty interchange, in order. Whether it is an answer is not asked yet. */
export function documentsOf(file: ReceivedFile, survey: Survey): FoundDocument[] {
  const found = survey.envelopes.flatMap((envelope) =>
    envelope.messages.length === 0
      ? [unread(file, envelope, 1, { code: envelope.code ?? 'noDocument', findings: envelope.findings })]
      : envelope.messages.map((message, index) => headOf(envelope, message, index + 1)),
  )
  const strays = survey.strays.map((stray, index) => unread(file, null, index + 1, stray))
  return [...found, ...strays]
}

/** How a file is read, as far as its channel and its sender's profile say. */
export function readOptionsOf({ charset, channel }: ReceivedFile): ReadOptions {
  const limits = limitsOf(channel)
  return charset === undefined ? { limits } : { charset, limits }
}

/**
 * Reads the bytes of one file and their events into a survey; `finish` says what the file came to. Once it is full, the interchange that
 * was open is refused as one, and what comes behind is not looked at.
 */
export function startSurvey(file: ReceivedFile, format: Format) {
  const survey: Survey = { envelopes: [], strays: [] }
  const limits = limitsOf(file.channel)
  const hasher = new ContentHasher(limits.segmentBytes)
  let open: Envelope | null = null
  let count = 0
  const isFull = (): boolean => passed() !== null
  const passed = (): string | null => {
    if (count > limits.interchangeMessages)
      return limitWords(limits, 'interchangeMessages', 'documents and interchanges')
    if (survey.envelopes.length <= hubLimits.fileInterchanges) return null
    return `${hubLimits.fileInterchanges} interchanges (fileInterchanges, the hub's limit)`
  }
  const take = (event: FormatEvent): void => {
    if (isFull()) return
    if (event.kind === 'interchange' || event.kind === 'message') count++
    const sha256 = hasher.take(event)
    switch (event.kind) {
      case 'interchange':
        open = newEnvelope(file, format, { read: event.interchange, position: survey.envelopes.length + 1 })
        survey.envelopes.push(open)
        if (isFull()) refuseRest(open, passed()!)
        return
      case 'message':
        if (open === null) throw new Error('a reader gave a message before its interchange')
        if (isFull()) refuseRest(open, passed()!)
        else open.messages.push(event.message)
        return
      case 'trailer':
        if (open === null) throw new Error('a reader gave a trailer before its interchange')
        closeEnvelope(open, event.trailer)
        open.sha256 = sha256
        open = null
        return
      case 'fault':
        takeFault(survey, event.findings)
    }
  }
  const finish = (fault: { error: unknown } | null): Survey => {
    if (isFull()) return survey
    const code = fault === null ? 'interchangeOpen' : codeOf(fault.error)
    if (open !== null) open.code = code
    else if (fault !== null) survey.strays.push({ code, findings: [] })
    else if (survey.envelopes.length + survey.strays.length === 0)
      survey.strays.push({ code: 'noDocument', findings: [] })
    return survey
  }
  const push = (chunk: Buffer): void => hasher.push(chunk)
  return { push, take, finish, isFull }
}

async function surveyWhole(file: ReceivedFile, tools: Tools): Promise<Survey> {
  const format = formatOf(file.bytes, tools)
  if (format === null) return noFormat(file.bytes)
  const survey = startSurvey(file, format)
  try {
    const reader = format.reader(readOptionsOf(file))
    survey.push(file.bytes)
    const turn = takingTurns()
    for (const slice of slicesOf(file.bytes)) {
      for (const event of reader.push(slice)) survey.take(event)
      if (survey.isFull()) break
      await turn()
    }
    for (const event of reader.end()) survey.take(event)
  } catch (error) {
    logReaderFault(file, error, tools)
    return survey.finish({ error })
  }
  return survey.finish(null)
}

/** What a file is whose first bytes no format knows. */
export function noFormat(head: Buffer): Survey {
  const begin = head.toString('latin1', 0, previewBytes).replace(/[^\x20-\x7e]/g, '\ufffd')
  const message = `The file begins with ${JSON.stringify(begin)}, as neither EDIFACT nor XML nor JSON does`
  const code = 'formatUnknown'
  const finding: Finding = { code, severity: 'error', message, position: { offset: 0 } }
  return { envelopes: [], strays: [{ code, findings: [finding] }] }
}

/** Shown of a file that no format knows. */
const previewBytes = 24

/** Says once, in the log, why a reader stopped. */
export function logReaderFault(file: ReceivedFile, error: unknown, tools: Tools): void {
  tools.log.error(
    { err: error, transmissionId: file.transmissionId, step: 'split', code: codeOf(error) },
    'reader failed',
  )
}

function newEnvelope(
  file: ReceivedFile,
  format: Format,
  { read, position }: Pick<Envelope, 'read' | 'position'>,
): Envelope {
  return {
    id: derivedId(file.transmissionId, 'interchange', position),
    file,
    format,
    position,
    read,
    // stands until the reader gives the real one
    trailer: { closed: false, messages: 0, offset: file.sizeBytes, findings: [] },
    sha256: null,
    messages: [],
    code: null,
    findings: [...read.findings],
  }
}

function closeEnvelope(envelope: Envelope, trailer: Envelope['trailer']): void {
  envelope.trailer = trailer
  envelope.findings.push(...trailer.findings)
  if (!trailer.closed) envelope.code = 'interchangeOpen'
  else if (envelope.findings.some((finding) => finding.severity === 'error'))
    envelope.code = 'interchangeRejected'
}

/** The interchange with which the file has too many documents: none of its own is kept. */
function refuseRest(envelope: Envelope, limit: string): void {
  const message = `The file has more than ${limit}`
  const { position, offset } = envelope.read
  envelope.messages = []
  envelope.code = 'tooManyDocuments'
  const place = { interchange: position, offset }
  envelope.findings.push({ code: 'tooManyDocuments', severity: 'error', message, position: place })
}

/** Remarks about bytes between interchanges make no document; errors do. */
function takeFault(survey: Survey, findings: Finding[]): void {
  const first = findings.find((finding) => finding.severity === 'error')
  if (first !== undefined) survey.strays.push({ code: first.code, findings })
}

/** Adds whether the message is a syntax acknowledgement, and what it says. */
export function withAnswer(found: FoundDocument, tools: Tools): FoundDocument {
  const { message, envelope, file, refusal } = found
  if (message === null || envelope === null) return found
  try {
    return { ...found, answer: envelope.format.readAcknowledgement(message) }
  } catch (error) {
    logReaderFault(file, error, tools)
    return { ...found, refusal: refusal ?? { code: codeOf(error), findings: [] } }
  }
}

function headOf(envelope: Envelope, message: ReadMessage, position: number): FoundDocument {
  const { file, code, findings } = envelope
  return {
    documentId: derivedId(file.transmissionId, 'document', envelope.position, position),
    file,
    envelope,
    position,
    message,
    answer: null,
    refusal: code === null ? null : { code, findings },
  }
}

/** A document for something in which no message was found. */
export function unread(
  file: ReceivedFile,
  envelope: Envelope | null,
  position: number,
  refusal: { code: CodeName; findings: Finding[] },
): FoundDocument {
  return {
    documentId: derivedId(file.transmissionId, 'document', envelope?.position ?? 0, position),
    file,
    envelope,
    position,
    message: null,
    answer: null,
    refusal,
  }
}

function codeOf(error: unknown): CodeName {
  return error instanceof HubError ? error.code : 'readerFailed'
}
