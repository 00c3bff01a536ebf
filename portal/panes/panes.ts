import { limits } from '#hub/base/limits.ts'
import { codes, stableCode, type CodeName } from '#hub/model/codes/index.ts'
import type { Finding } from '#hub/model/findings.ts'
import type { Sealer } from '#hub/model/sealing.ts'
import type { Queryable } from '#hub/store/connect.ts'
import type { DocumentTimeline, TimelineAnswer, TimelineOutput } from '#hub/store/find-timeline.ts'
import { findingModels, readFindings, type FindingModel } from '../timeline/findings.ts'
import type { Side } from '../turn.ts'
import type { MessageKey, Words } from '../words.ts'
import { linesOf, type LineModel } from './lines.ts'
import { paneBytes, readFile, textOf, type Formats, type PaneBytes } from './read.ts'

export const paneNames = ['raw', 'segments', 'canonical', 'output', 'acknowledgement'] as const
export type PaneName = (typeof paneNames)[number]

/** One block of a pane: an artefact with what is to be said of it. */
export interface Block {
  heading: string | null
  notes: string[]
  findings: FindingModel[]
  lines: LineModel[]
  text: string | null
  none: string | null
  downloads: { href: string; label: string }[]
}

export interface PaneContext {
  client: Queryable
  sealer: Sealer
  formats: Formats
  words: Words
  side: Side
  timeline: DocumentTimeline
  findings: readonly FindingModel[]
}

/** The panes a side may open: the sender not the output, the receiver nothing of the sender's. */
export function panesFor(side: Side): readonly PaneName[] {
  if (side === 'sender') return ['segments', 'raw', 'canonical', 'acknowledgement']
  if (side === 'receiver') return ['output', 'acknowledgement']
  return ['segments', 'raw', 'canonical', 'output', 'acknowledgement']
}

/** The findings kept about a document and its envelope, in words. */
export async function findingsOf(
  client: Queryable,
  sealer: Sealer,
  timeline: DocumentTimeline,
  words: Words,
): Promise<FindingModel[]> {
  const found: Finding[] = []
  for (const id of timeline.artefacts.findingsIds) {
    const read = await paneBytes(client, sealer, id)
    if (read !== null && read !== 'damaged') found.push(...readFindings(read.bytes))
  }
  const kept = found.slice(0, limits.findingsKept)
  return findingModels(kept, words, (name) => (name in codes ? stableCode(name as CodeName) : name))
}

/** What a pane shows. */
export async function paneBlocks(name: PaneName, context: PaneContext): Promise<Block[]> {
  switch (name) {
    case 'raw':
      return [await rawBlock(context)]
    case 'segments':
      return [await segmentsBlock(context)]
    case 'canonical':
      return [await canonicalBlock(context)]
    case 'output':
      return outputBlocks(context)
    case 'acknowledgement':
      return answerBlocks(context)
  }
}

const empty: Block = {
  heading: null,
  notes: [],
  findings: [],
  lines: [],
  text: null,
  none: null,
  downloads: [],
}

async function rawBlock({ client, sealer, words, timeline }: PaneContext): Promise<Block> {
  const { raw } = timeline.artefacts
  const slice = isOpaque(timeline) ? { offset: 0, length: 1 } : sliceOf(raw)
  const read = raw === null ? null : await paneBytes(client, sealer, raw.payloadId, slice)
  if (raw === null || read === null) return { ...empty, none: words.t('pane.raw.none') }
  const href = `/p/exchanges/${timeline.document.transmissionId}/raw`
  const downloads = [{ href, label: words.t('pane.download') }]
  if (isOpaque(timeline)) return { ...empty, notes: [words.t('pane.opaque')], downloads }
  if (read === 'damaged') return { ...empty, none: words.t('pane.damaged') }
  const bytes =
    read.whole && slice ? read.bytes.subarray(slice.offset, slice.offset + slice.length) : read.bytes
  return { ...empty, ...textBlock(textOf(bytes, read.bytes), words), downloads }
}

async function segmentsBlock(context: PaneContext): Promise<Block> {
  const { client, sealer, formats, words, timeline, findings } = context
  if (isOpaque(timeline)) return { ...empty, findings: [...findings], none: words.t('pane.opaque') }
  const { raw } = timeline.artefacts
  const slice = sliceOf(raw)
  const read = raw === null ? null : await paneBytes(client, sealer, raw.payloadId, slice)
  const none = { ...empty, findings: [...findings], none: words.t('pane.segments.none') }
  if (read === null || read === 'damaged') return none
  const file = readFile(read.bytes, formats)
  const found = file?.messages.find(
    ({ message }) => !read.whole || slice === null || message.offset === slice.offset,
  )
  if (file === null || found === undefined) return none
  const lines = linesOf(found.message, findings, words.language)
  const cut = lines.length >= limits.paneParts
  const shown = words.number(lines.length)
  const notes = cut ? [words.t('pane.shortened', { shown, size: words.number(found.message.parts) })] : []
  if (findings.length === 0) notes.unshift(words.t('pane.findings.none'))
  return { ...empty, notes, findings: [...findings], lines }
}

async function canonicalBlock({ client, sealer, words, timeline }: PaneContext): Promise<Block> {
  if (isOpaque(timeline)) return { ...empty, none: words.t('pane.opaque') }
  const id = timeline.artefacts.canonicalId
  const read = id === null ? null : await paneBytes(client, sealer, id)
  if (read === null) return { ...empty, none: words.t('pane.canonical.none') }
  if (read === 'damaged') return { ...empty, none: words.t('pane.damaged') }
  return { ...empty, ...textBlock(indented(read.bytes), words) }
}

async function outputBlocks(context: PaneContext): Promise<Block[]> {
  const { words, timeline } = context
  if (timeline.outputs.length === 0) return [{ ...empty, none: words.t('pane.output.none') }]
  const blocks: Block[] = []
  for (const output of timeline.outputs) blocks.push(await outputBlock(output, context))
  return blocks
}

async function outputBlock(output: TimelineOutput, context: PaneContext): Promise<Block> {
  const { client, sealer, words, timeline } = context
  const isUnread = isOpaque(timeline)
  const receiver = output.receiverName ?? timeline.document.receiverName ?? words.t('sentence.receiver')
  const heading = words.t('pane.output.title', { receiver })
  const read = await paneBytes(client, sealer, output.payloadId)
  if (read === null) return { ...empty, heading, none: words.t('pane.output.none') }
  if (read === 'damaged') return { ...empty, heading, none: words.t('pane.damaged') }
  const href = `/p/documents/${timeline.document.id}/outputs/${output.deliveryId}`
  const downloads = [{ href, label: words.t('pane.download.output') }]
  if (isUnread) return { ...empty, heading, notes: [words.t('pane.opaque')], downloads }
  return { ...empty, ...shownBytes(read, context), heading, downloads }
}

async function answerBlocks(context: PaneContext): Promise<Block[]> {
  const { words, timeline } = context
  if (timeline.answers.length === 0) return [{ ...empty, none: words.t('pane.acknowledgement.none') }]
  const blocks: Block[] = []
  for (const answer of timeline.answers) blocks.push(await answerBlock(answer, context))
  return blocks
}

async function answerBlock(answer: TimelineAnswer, context: PaneContext): Promise<Block> {
  const { client, sealer, words } = context
  const awaited = answer.way === 'expected' && answer.state === 'waiting'
  const heading = words.t(awaited ? 'pane.answer.awaited' : `pane.answer.${answer.way}`, {
    level: words.t(`level.${answer.level}`),
    state: words.t(`ack.${answer.state}`),
  })
  const read = answer.payloadId === null ? null : await paneBytes(client, sealer, answer.payloadId)
  if (read === null) return { ...empty, heading, none: awaited ? null : words.t('pane.answer.unseen') }
  if (read === 'damaged') return { ...empty, heading, none: words.t('pane.damaged') }
  return { ...empty, ...shownBytes(read, context), heading, notes: saysWhat(read, context) }
}

const saidStates = {
  accepted: 'ack.accepted',
  with_errors: 'ack.with_errors',
  partial: 'ack.partial',
  rejected: 'ack.rejected',
  received: 'ack.received',
} as const satisfies Record<string, MessageKey>

/** What a syntax acknowledgement says, in words; empty where it is none. */
function saysWhat(read: PaneBytes, { formats, words }: PaneContext): string[] {
  const file = readFile(read.bytes, formats)
  const notes: string[] = []
  const state = (name: keyof typeof saidStates) => words.t(saidStates[name])
  for (const { message } of file?.messages ?? []) {
    const said = formats[file!.format].readAcknowledgement(message)
    if (said === null) continue
    notes.push(
      words.t('pane.answer.says', { reference: said.interchangeReference, state: state(said.state) }),
    )
    for (const one of said.messages) {
      notes.push(words.t('pane.answer.message', { reference: one.reference, state: state(one.state) }))
    }
  }
  return notes
}

/** What was passed through unread is not read for a page either. */
function isOpaque({ document }: DocumentTimeline): boolean {
  return document.type === 'opaque'
}

/** EDIFACT as segments, anything else as its text. */
function shownBytes(read: PaneBytes, { formats, words }: PaneContext): Partial<Block> {
  const file = readFile(read.bytes, formats)
  if (file?.format !== 'edifact' || !read.whole) return textBlock(textOf(read.bytes), words)
  const lines = file.messages.flatMap(({ message }) => linesOf(message, [], words.language))
  return { lines: lines.slice(0, limits.paneParts) }
}

function textBlock(text: string, words: Words): Partial<Block> {
  if (text.length <= limits.paneCharacters) return { text }
  const shown = words.number(limits.paneCharacters)
  return {
    text: text.slice(0, limits.paneCharacters),
    notes: [words.t('pane.shortened', { shown, size: words.number(text.length) })],
  }
}

function indented(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

function sliceOf(raw: DocumentTimeline['artefacts']['raw']): { offset: number; length: number } | null {
  if (raw === null || raw.offset === null || raw.length === null) return null
  return { offset: raw.offset, length: raw.length }
}
