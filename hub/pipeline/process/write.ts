import type { ResolvedAgreement } from '#hub/model/agreement.ts'
import { messageOf } from '#hub/model/errors.ts'
import type { Finding } from '#hub/model/findings.ts'
import type { Format, FormatEvent, FormatName, WireIdentity } from '#hub/model/format.ts'
import { numberText, type NumberRange } from '#hub/model/numbers.ts'
import { derivedId, type DeliveryId, type InterchangeId, type PayloadId } from '#hub/model/ids.ts'
import type { Channel } from '#hub/model/transport.ts'
import type {
  KeptFile,
  MappedDocument,
  MappedOutput,
  Step,
  Tools,
  WrittenDocument,
  WrittenOutput,
} from './stages.ts'

/**
 * Writes the bytes that each receiver gets, with their control numbers and their identity on the wire: frozen, so that
 * every attempt bears the same. The bytes are read back before they are believed. Runs inside the transaction.
 */
export const write: Step<MappedDocument, WrittenDocument> = {
  name: 'write',
  faultCode: 'notWritable',
  run: (mapped, tools) => {
    const outputs: WrittenOutput[] = []
    const failed: NonNullable<WrittenDocument['failed']> = []
    const several = mapped.outputs.length > 1
    for (const output of mapped.outputs) {
      const { written, findings } = several
        ? tried(() => writeOne(mapped, output, tools))
        : writeOne(mapped, output, tools)
      if (findings === null) outputs.push(written!)
      else failed.push({ agreement: output.agreement, findings })
    }
    const { documentId } = mapped
    if (outputs.length === 0)
      return { kind: 'reject', code: 'notWritable', findings: failed.flatMap(({ findings }) => findings) }
    return {
      kind: 'next',
      value: failed.length === 0 ? { documentId, outputs } : { documentId, outputs, failed },
    }
  },
}

type WrittenOne = { written: WrittenOutput; findings: null } | { written: null; findings: Finding[] }

function writeOne(mapped: MappedDocument, output: MappedOutput, tools: Tools): WrittenOne {
  if (output.kept !== undefined)
    return { written: passOn(mapped, output, output.kept, tools), findings: null }
  const written = writeOutput(mapped, output, tools)
  // what was written ahead has been read back then
  const findings = output.bytes === undefined ? faultsOf(tools.formats[written.format], written.bytes) : null
  return findings === null ? { written, findings } : { written: null, findings }
}

/** Of several outputs one that throws is a fault of its own. */
function tried(work: () => WrittenOne): WrittenOne {
  try {
    return work()
  } catch (error) {
    return { written: null, findings: [{ ...misread, message: messageOf(error).slice(0, 500) }] }
  }
}

/** The ranges from which writing a document takes one number each. */
export function rangesOf({ outputs }: MappedDocument): NumberRange[] {
  return outputs.flatMap(({ agreement, kept }) => {
    if (isBundled(agreement)) return []
    const ranges = outputRanges(agreement)
    return (kept === undefined ? Object.values(ranges) : [ranges.file]).filter((range) => range !== null)
  })
}

/** Whether the outputs of an agreement wait for others that they leave with: numbers are taken when they leave. */
export function isBundled({ receiver }: ResolvedAgreement): boolean {
  return receiver.terms.bundle !== undefined
}

export const mediaTypes = {
  edifact: 'application/edifact',
  xml: 'application/xml',
  json: 'application/json',
  opaque: 'application/octet-stream',
} as const satisfies Record<FormatName, string>

const extensions = {
  edifact: 'edi',
  xml: 'xml',
  json: 'json',
  opaque: 'bin',
} as const satisfies Record<FormatName, string>

/** An identity as control numbers know it. */
export function rangeName(identity: WireIdentity | null, partnerId: string): string {
  if (identity === null) return `partner:${partnerId}`
  const { scheme, value, internal = '', internalSub = '' } = identity
  const parts = internalSub === '' ? [internal].filter((part) => part !== '') : [internal, internalSub]
  return [`${scheme}:${value}`, ...parts].join(':')
}

/** Files get their name's number from a range of the channel, so that no name ever comes twice there; others need none. */
export function fileRange(channel: Pick<Channel, 'id' | 'kind' | 'partnerId'>): NumberRange | null {
  if (channel.kind !== 'sftp' && channel.kind !== 'mailbox') return null
  return { sender: 'channel', receiver: channel.id, kind: 'file', partnerId: channel.partnerId }
}

/**
 * The identity on the wire: `ORDERS-345-000077.edi` where files are put (of one that is passed through its own name, numbered:
 * `scan-000077.pdf`), else the delivery's id.
 */
export function wireIdOf(
  deliveryId: DeliveryId,
  file: { wireType: string; number: string | null; sequence: number; format: FormatName } | null,
): string {
  if (file === null) return deliveryId
  const { wireType, number, sequence, format } = file
  if (format === 'opaque') return numberedName(number ?? '', sequence)
  const words = [wireType, number ?? ''].map(fileNamePart).filter((part) => part !== '')
  return `${[...words, String(sequence).padStart(6, '0')].join('-')}.${extensions[format]}`
}

/** What is wrong with bytes that should hold so many messages in one whole interchange; null where nothing is. */
export function faultsOf(format: Format, bytes: Buffer, messages = 1): Finding[] | null {
  if (messages === 1 && format.isIntact?.(bytes) === true) return null
  const reader = format.reader()
  const events = [...reader.push(bytes), ...reader.end()]
  const count = (kind: FormatEvent['kind']) => events.filter((event) => event.kind === kind).length
  // what a document of the receiver's own form is, only the receiver knows
  const errors = events
    .flatMap(findingsIn)
    .filter(({ severity, position }) => severity === 'error' && position.path !== 'type')
  const whole = events.every((event) => event.kind !== 'trailer' || event.trailer.closed)
  const counted = count('message') === messages && count('trailer') === 1
  if (errors.length === 0 && whole && counted) return null
  return errors.length > 0 ? errors : [{ ...misread, message: `read back as ${count('message')} messages` }]
}

const misread: Finding = { code: 'notWritable', severity: 'error', message: '', position: {} }

/** The bytes of one output in its interchange. Throws HubError `notWritable`. */
export function writeBytes(
  format: Format,
  { mapped, output, reference, messageReference }: Referenced,
  tools: Tools,
): Buffer {
  const { agreement, message } = output
  const { wireType, version, guide, tree } = message
  return format.write({
    sender: agreement.wireSender,
    receiver: agreement.wireReceiver,
    reference,
    env: mapped.env,
    at: tools.clock.now(),
    messages: [{ wireType, version, guide, reference: messageReference, tree }],
    terms: agreement.receiver.terms.write ?? {},
  })
}

/** An output of a document, with its control numbers. */
interface Referenced {
  mapped: MappedDocument
  output: MappedOutput
  reference: string
  messageReference: string
}

function writeOutput(mapped: MappedDocument, output: MappedOutput, tools: Tools): WrittenOutput {
  const { agreement, message } = output
  const format = tools.formats[message.format]
  if (isBundled(agreement)) return writeBundled(mapped, output, tools)
  const ranges = outputRanges(agreement)
  const reference = numberText(tools.numbers.next(ranges.interchange), ranges.interchange.terms)
  const messageReference = String(tools.numbers.next(ranges.message))
  const sequence = ranges.file === null ? null : tools.numbers.next(ranges.file)
  const { wireType } = message
  const bytes = output.bytes ?? writeBytes(format, { mapped, output, reference, messageReference }, tools)
  const interchangeId = derivedId<InterchangeId>(mapped.documentId, agreement.key, 0, 'interchange')
  const deliveryId = derivedId<DeliveryId>(interchangeId, 'delivery')
  return {
    agreement,
    agreementId: agreement.id,
    interchangeId,
    deliveryId,
    payloadId: derivedId<PayloadId>(interchangeId, 'output'),
    format: message.format,
    env: mapped.env,
    reference,
    messageReference,
    wireId: wireIdOf(
      deliveryId,
      sequence === null ? null : { wireType, number: mapped.number, sequence, format: message.format },
    ),
    bytes,
  }
}

/** A file that goes out as it came: it bears no numbers but that of its name. */
function passOn(
  { documentId, env }: MappedDocument,
  { agreement, message }: MappedOutput,
  kept: KeptFile,
  tools: Tools,
): WrittenOutput {
  const range = fileRange(agreement.channel)
  const sequence = range === null ? null : tools.numbers.next(range)
  const { format, wireType } = message
  const interchangeId = derivedId<InterchangeId>(documentId, agreement.key, 0, 'interchange')
  const deliveryId = derivedId<DeliveryId>(interchangeId, 'delivery')
  const file = sequence === null ? null : { wireType, number: kept.name, sequence, format }
  return {
    agreement,
    agreementId: agreement.id,
    interchangeId,
    deliveryId,
    payloadId: kept.payloadId,
    format,
    env,
    reference: '',
    messageReference: '',
    wireId: wireIdOf(deliveryId, file),
    bytes: Buffer.alloc(0),
    kept,
  }
}

/** What stands for numbers until a message leaves with others. */
export const provisional = { reference: '1', messageReference: '1' } as const

/** An interchange of its own for now: what cannot be written is found before it waits. */
function writeBundled(mapped: MappedDocument, output: MappedOutput, tools: Tools): WrittenOutput {
  const { agreement, message } = output
  const format = tools.formats[message.format]
  const bytes = output.bytes ?? writeBytes(format, { mapped, output, ...provisional }, tools)
  const interchangeId = derivedId<InterchangeId>(mapped.documentId, agreement.key, 0, 'interchange')
  return {
    agreement,
    agreementId: agreement.id,
    interchangeId,
    deliveryId: derivedId<DeliveryId>(interchangeId, 'delivery'),
    payloadId: derivedId<PayloadId>(interchangeId, 'bundled'),
    format: message.format,
    env: mapped.env,
    reference: '',
    messageReference: '',
    wireId: '',
    bytes,
    bundledAs: message.wireType,
  }
}

/** From where an output takes its numbers. */
export function outputRanges({
  wireSender,
  wireReceiver,
  sender,
  receiver,
  channel,
  terms: { numbers },
}: ResolvedAgreement) {
  const between = {
    sender: rangeName(wireSender, sender.partnerId),
    receiver: rangeName(wireReceiver, receiver.partnerId),
    partnerId: receiver.partnerId,
  }
  return {
    interchange: { ...between, kind: 'interchange', ...(numbers && { terms: numbers }) },
    message: { ...between, kind: 'message' },
    file: fileRange(channel),
  } satisfies Record<string, NumberRange | null>
}

function findingsIn(event: FormatEvent): Finding[] {
  switch (event.kind) {
    case 'interchange':
      return event.interchange.findings
    case 'message':
      return event.message.findings
    case 'trailer':
      return event.trailer.findings
    case 'fault':
      return event.findings
  }
}

/** The name of a file with a number before its ending. */
function numberedName(name: string, sequence: number): string {
  const [, stem = '', end = 'bin'] = /^(.*?)(?:\.([A-Za-z0-9]{1,8}))?$/s.exec(name) ?? []
  return `${fileNamePart(stem) || 'file'}-${String(sequence).padStart(6, '0')}.${end}`
}

/** A business number is a partner's text: only what is harmless in a file name stays. */
function fileNamePart(text: string): string {
  return text
    .replaceAll(/[^A-Za-z0-9._-]+/g, '_')
    .replaceAll(/^[._-]+|[._-]+$/g, '')
    .slice(0, 40)
}
