import { createHash } from 'node:crypto'
import type { ResolveQuestion } from '#hub/model/agreement.ts'
import { newId, type ChannelId, type PartnerId } from '#hub/model/ids.ts'
import type { Channel } from '#hub/model/transport.ts'
import { computeFound, findDocuments } from '../process/compute.ts'
import type { ComputedDocument } from '../process/computed.ts'
import { questionOf } from '../process/resolve.ts'
import type { FoundDocument, Numbers, ReceivedFile, Tools, WrittenOutput } from '../process/stages.ts'
import { attempt, learn, verdictOf } from '../process/travel.ts'
import { write } from '../process/write.ts'

/** A document as the pipeline leaves it, with what its receivers would get. Nothing is recorded or sent. */
export interface TranslatedDocument extends ComputedDocument {
  /** From 1; null for what stands outside any interchange. */
  interchange: number | null
  outputs: WrittenOutput[]
}

export interface TranslateParts extends Omit<Tools, 'numbers'> {
  /** The channel over which it is taken to have come in, by the first message that was found. */
  channelFor(question: ResolveQuestion): Channel
  /** The receiver whose outputs are wanted; null for all. */
  to?: PartnerId | null
}

/**
 * Takes the bytes of one file through the very steps of process, split to write, without a database: control numbers begin at 1, and whether
 * something came before is not asked. Throws what `channelFor` throws.
 */
export async function translate(bytes: Buffer, parts: TranslateParts): Promise<TranslatedDocument[]> {
  const { found, tools } = await findIn(bytes, parts)
  const documents: TranslatedDocument[] = []
  for (const each of found) documents.push(await translateOne(each, tools))
  const { to = null } = parts
  if (to === null) return documents
  const isWanted = ({ agreement }: WrittenOutput) => agreement.receiver.partnerId === to
  return documents.map((document) => ({ ...document, outputs: document.outputs.filter(isWanted) }))
}

/** The documents of a file that is taken to have come over the channel of its first message's sender, and what the steps work with. */
export async function findIn(
  bytes: Buffer,
  parts: TranslateParts,
): Promise<{ found: FoundDocument[]; tools: Tools }> {
  const tools: Tools = { ...parts, numbers: numbersFromOne() }
  const first = receivedFile(bytes, noChannel())
  // whose file it is has to be known before its sender's charset is
  const message = (await findDocuments(first, { ...tools, agreements: nobody })).find(
    (found) => found.message !== null,
  )
  const channel = message === undefined ? first.channel : parts.channelFor(asked(message, tools))
  return { found: await findDocuments(receivedFile(bytes, channel), tools), tools }
}

function asked(found: FoundDocument, tools: Tools): ResolveQuestion {
  return questionOf(found, found.message!, tools)
}

async function translateOne(found: FoundDocument, tools: Tools): Promise<TranslatedDocument> {
  const computed = await computeFound(found, 0, tools)
  const document = { ...computed, interchange: found.envelope?.position ?? null, outputs: [] }
  if (computed.verdict.kind !== 'mapped') return document
  const outcome = await attempt<{ outputs: WrittenOutput[] }>(write, computed.verdict.mapped, computed, tools)
  learn(computed, outcome)
  if (outcome.kind === 'next') return { ...document, outputs: outcome.value.outputs }
  return { ...document, verdict: verdictOf(outcome, 'write') }
}

function receivedFile(bytes: Buffer, channel: Channel): ReceivedFile {
  return {
    transmissionId: newId(),
    partnerId: channel.partnerId,
    channel,
    payloadId: newId(),
    sha256: createHash('sha256').update(bytes).digest(),
    sizeBytes: bytes.length,
    bytes,
  }
}

/** The channel of a file of which nothing is known. */
export function noChannel(): Channel {
  return {
    id: newId<ChannelId>(),
    partnerId: newId<PartnerId>(),
    key: 'file',
    kind: 'https',
    env: 'test',
    peerDedupes: false,
    settings: {},
  }
}

/** Knows no partner: for the first look at a file. */
const nobody: Tools['agreements'] = {
  resolve: async ({ channel }) => ({
    kind: 'unresolved',
    code: 'senderUnknown',
    senderPartnerId: channel.partnerId,
    receiverPartnerId: null,
    profile: null,
    candidates: [],
  }),
  answerWay: async () => null,
  channel: async () => null,
}

function numbersFromOne(): Numbers {
  const last = new Map<string, number>()
  return {
    next: (range) => {
      const name = JSON.stringify(range)
      const next = (last.get(name) ?? 0) + 1
      last.set(name, next)
      return next
    },
  }
}
