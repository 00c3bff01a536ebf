import { limits } from '#hub/base/limits.ts'
import type { OpaqueWay } from '#hub/model/agreement.ts'
import { derivedId } from '#hub/model/ids.ts'
import { readPayloadChunks } from '#hub/store/payload.ts'
import type { DueFile, WaitingDocument } from '#hub/store/process-load.ts'
import type { Channel } from '#hub/model/transport.ts'
import type { ComputedDocument, Traveller } from './computed.ts'
import type { Parts } from './deps.ts'
import { resolve } from './resolve.ts'
import { formatOf } from './split.ts'
import type { Envelope, FoundDocument, KeptFile, ReceivedFile, ResolvedMessage, Tools } from './stages.ts'
import { travel } from './travel.ts'

/*
 * Files that are passed through unread: one document for each, whose output is the payload that came in.
 */

/** What is known of a file before it is read: that it is passed through, or (not `sure`) that it is if no format knows it. */
export interface OpaqueDue {
  name: string | null
  guide: string
  sure: boolean
}

/** Whether a file is passed through unread; null where it is not. Of a large one no more is read than its format needs. */
export async function opaqueDue(
  {
    file,
    channel,
    toSplit,
    waiting,
  }: { file: DueFile; channel: Channel; toSplit: boolean; waiting: readonly WaitingDocument[] },
  parts: Parts,
): Promise<OpaqueDue | null> {
  const goesOn = waiting.some(({ known }) => known.format === 'opaque')
  // what was begun as another format stays it
  if (!goesOn && (!toSplit || file.splitTo !== null)) return null
  const { agreements, clock } = parts.tools
  const name = file.name === null ? null : baseName(file.name)
  const way: OpaqueWay | null = (await agreements.opaqueWay?.({ channel, name, at: clock.now() })) ?? null
  if (goesOn) return { name, guide: way?.guide ?? '', sure: true }
  if (way === null) return null
  const { guide, named } = way
  if (named || file.sizeBytes <= limits.splitWholeBytes) return { name, guide, sure: named }
  return (await isKnown(file, parts)) ? null : { name, guide, sure: true }
}

/** The one document of a file that is passed through. */
export function opaqueFound(file: ReceivedFile): FoundDocument {
  const envelope = opaqueEnvelope(file)
  const { maxBytes, name, guide } = { maxBytes: limits.opaqueBytes, ...file.opaque! }
  const message = {
    format: 'opaque' as const,
    position: 1,
    wireType: 'opaque',
    version: '',
    guide,
    reference: '',
    number: name,
    function: null,
    sender: null,
    receiver: null,
    tree: undefined,
    parts: 0,
    lines: 0,
    offset: 0,
    length: file.sizeBytes,
    findings: [],
  }
  envelope.messages.push(message)
  return {
    documentId: derivedId(file.transmissionId, 'document', envelope.position, 1),
    file,
    envelope,
    position: 1,
    message,
    answer: null,
    refusal: file.sizeBytes > maxBytes ? { code: 'opaqueTooLarge', findings: [] } : null,
  }
}

/** Takes it to its agreements and on to `write`; of their terms only the size counts, for nothing is known of what it says. */
export async function travelOpaque(
  found: FoundDocument,
  traveller: Traveller,
  tools: Tools,
): Promise<ComputedDocument> {
  const computed = await travel(traveller, [resolve], found, tools)
  if (computed.verdict.kind !== 'mapped') return computed
  // what the only step that was run gave
  const { resolution } = computed.verdict.mapped as unknown as ResolvedMessage
  const { file, cleared = false } = found
  const passes = resolution.agreements.some(
    ({ terms }) => file.sizeBytes > (terms.rails?.sizeMax ?? Infinity),
  )
  if (passes && !cleared) {
    const verdict = { kind: 'held', code: 'guardRail', rule: 'sizeMax', step: 'judge' } as const
    return { ...computed, verdict }
  }
  const kept = keptFile(file)
  const message = { ...nothingMapped, findings: [] }
  const outputs = resolution.agreements.map((agreement) => ({ agreement, message, kept }))
  const { documentId } = found
  const mapped = { documentId, env: resolution.env, number: kept.name, outputs }
  return { ...computed, verdict: { kind: 'mapped', mapped } }
}

const nothingMapped = { format: 'opaque', wireType: 'opaque', version: '', guide: '', tree: null } as const

function keptFile({ payloadId, sha256, sizeBytes, opaque }: ReceivedFile): KeptFile {
  const name = opaque!.name
  return { payloadId, sha256, sizeBytes, name, mediaType: mediaTypeOf(name ?? '') }
}

/** The interchange that stands for the file itself; it names nobody and asks for no answer. */
function opaqueEnvelope(file: ReceivedFile): Envelope {
  return {
    id: derivedId(file.transmissionId, 'interchange', 1),
    file,
    format: file.opaque!.format,
    position: 1,
    read: {
      format: 'opaque',
      syntax: '',
      position: 1,
      sender: null,
      receiver: null,
      reference: '',
      env: null,
      acknowledgementRequested: 'none',
      header: null,
      offset: 0,
      findings: [],
    },
    trailer: { closed: true, messages: 1, offset: file.sizeBytes, findings: [] },
    sha256: file.sha256,
    messages: [],
    code: null,
    findings: [],
  }
}

/** Whether a format knows a file by its first bytes. One that is damaged is left to whoever reads it whole. */
async function isKnown({ payloadId }: DueFile, { store, sealer, tools }: Parts): Promise<boolean> {
  for await (const piece of readPayloadChunks(store.worker, sealer, payloadId))
    return formatOf(piece, tools) !== null
  return false
}

/** A name without its path, whichever way the sender's system writes one. */
function baseName(name: string): string | null {
  return name.split(/[/\\]/).findLast((part) => part !== '') ?? null
}

/** By the end of the name. None of a format that the hub writes: what is passed through is never taken for one of those. */
function mediaTypeOf(name: string): string {
  const end = /\.([a-z0-9]{1,8})$/i.exec(name)?.[1]?.toLowerCase() ?? ''
  return Object.hasOwn(mediaTypes, end) ? mediaTypes[end]! : 'application/octet-stream'
}

const mediaTypes: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  zip: 'application/zip',
  gz: 'application/gzip',
  csv: 'text/csv',
  txt: 'text/plain',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  tif: 'image/tiff',
  tiff: 'image/tiff',
}
