import type { CodeName } from '#hub/model/codes/index.ts'
import type { ProcessStep } from '#hub/model/states.ts'
import { judgementOf, writeAnswer } from '../process/answer.ts'
import { computeFound } from '../process/compute.ts'
import type { ComputedDocument, ComputedEnvelope } from '../process/computed.ts'
import type { Envelope, FoundDocument, Tools } from '../process/stages.ts'
import { findIn, type TranslateParts } from './index.ts'
import { mappingFor } from './named.ts'

/** The answer to one interchange. */
export interface Acknowledged {
  /** From 1, in its file. */
  interchange: number
  reference: string
  state: 'accepted' | 'partial' | 'rejected'
  code: CodeName | null
  /** The answer as it would be sent; null where the format has none, or none may be given. */
  bytes: Buffer | null
  documents: ComputedDocument[]
}

/**
 * The answers that the hub would give to the interchanges of a file, as far as the file alone decides: whether a reference came before is not
 * asked. `all` takes documents through all steps, as agreements have it; otherwise through those that look at what the sender wrote,
 * with the library's mapping for their type, if it has one. Control numbers begin at 1. Throws what `channelFor` throws.
 */
export async function acknowledge(
  bytes: Buffer,
  { all, ...parts }: TranslateParts & { all: boolean },
): Promise<{ answers: Acknowledged[]; strays: ComputedDocument[] }> {
  const { found, tools } = await findIn(bytes, parts)
  const byEnvelope = new Map<Envelope, ComputedDocument[]>()
  const strays: ComputedDocument[] = []
  for (const each of found) {
    const computed = await computeFound(each, 0, tools, all ? undefined : lastStepFor(each, tools))
    if (each.envelope === null) strays.push(computed)
    else byEnvelope.set(each.envelope, [...(byEnvelope.get(each.envelope) ?? []), computed])
  }
  const answers = [...byEnvelope].map(([envelope, documents]) => answerTo(envelope, documents, tools))
  return { answers, strays }
}

function answerTo(envelope: Envelope, documents: ComputedDocument[], tools: Tools): Acknowledged {
  const { channel } = envelope.file
  const computed: ComputedEnvelope = {
    envelope,
    sender: documents[0]?.known.sender ?? channel.partnerId,
    documents,
    total: documents.length,
    final: true,
    claims: false,
    answerChannel: channel,
  }
  const judgement = judgementOf(computed, null)
  const answer = writeAnswer(computed, judgement, channel, tools)
  const { state, code } = judgement
  const { position: interchange, read } = envelope
  return { interchange, reference: read.reference, state, code, bytes: answer?.bytes ?? null, documents }
}

/** Without agreements, what a mapping would make of a document counts only where the library has one for it. */
function lastStepFor({ message }: FoundDocument, { mappings }: Tools): ProcessStep {
  if (message === null) return 'check'
  const type = mappings.typeOf(message.format, message.wireType)
  return type === null || mappingFor(mappings, message.format, type) === null ? 'check' : 'canonicalise'
}
