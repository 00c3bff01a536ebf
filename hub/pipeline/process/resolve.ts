import type { Candidate, Resolution, ResolveQuestion } from '#hub/model/agreement.ts'
import { limits } from '#hub/base/limits.ts'
import type { Finding } from '#hub/model/findings.ts'
import type { Format, ReadMessage } from '#hub/model/format.ts'
import { mappingName } from '#hub/model/mapping.ts'
import { keptReason, nearestFirst } from '#hub/model/reasons.ts'
import type { DocumentVersions } from '#hub/model/versions.ts'
import type { FoundDocument, Known, Outcome, ReceivedFile, ResolvedMessage, Step, Tools } from './stages.ts'
import { asNote, unroutableRule, waitsForWay } from './unroutable.ts'
import { asReplayed, replayAsked } from './replayed.ts'
import { unresolvedFinding } from './unresolved.ts'

type Unresolved = Extract<Resolution, { kind: 'unresolved' }>

/**
 * Finds who a message is from and for, and the agreements between them. A message that is refused already is asked
 * about too, so that its sender sees it in the right place and is answered.
 */
export const resolve: Step<FoundDocument, ResolvedMessage> = {
  name: 'resolve',
  faultCode: null,
  run: async (found, tools) => {
    const { message, envelope, refusal } = found
    if (message === null || envelope === null)
      return { kind: 'reject', code: refusal?.code ?? 'noDocument', findings: refusal?.findings ?? [] }
    const question = questionOf(found, message, tools)
    const { resolution, known } = await ask(question, tools, replayAsked(found.replayed))
    if (refusal !== null) return { kind: 'reject', code: refusal.code, findings: refusal.findings, known }
    if (resolution.kind === 'unresolved') {
      const finding = unresolvedFinding(resolution, question, found)
      return withoutWay(resolution, { message, format: envelope.format, finding, known })
    }
    return {
      kind: 'next',
      value: {
        documentId: found.documentId,
        channel: found.file.channel,
        format: envelope.format,
        message,
        resolution,
      },
      known,
    }
  },
}

/** A document that waits for a way is checked first: its sender is told now what is wrong with it, not then. */
function withoutWay(
  { code, profile }: Unresolved,
  asked: { message: ReadMessage; format: Format; finding: Finding; known: Partial<Known> },
): Outcome<never> {
  const { message, format, finding, known } = asked
  const rejected = {
    kind: 'reject' as const,
    code,
    findings: [...message.findings, finding],
    known,
  }
  if (!waitsForWay(code, profile)) return rejected
  const guide = profile?.guide === '*' ? message.guide : (profile?.guide ?? '')
  const checked = format.check(message, guide === '' ? {} : { guide })
  const faulty = [...message.findings, ...checked].some(({ severity }) => severity === 'error')
  if (faulty) return { ...rejected, findings: [...rejected.findings, ...checked] }
  return { kind: 'hold', rule: unroutableRule, code, notes: [...checked, asNote(finding)], known }
}

/**
 * Asks the agreements; `known` is what the answer tells about the document, also where there is none. With `pins` they are asked
 * for the versions that it was judged with.
 */
export async function ask(
  question: ResolveQuestion,
  tools: Tools,
  { pins = null, replayed }: { pins?: DocumentVersions | null; replayed?: DocumentVersions } = {},
): Promise<{ resolution: Resolution; known: Partial<Known> }> {
  const pinned = pins === null ? null : await tools.agreements.resolvePinned?.(question, pins)
  const resolution = asReplayed(pinned ?? (await tools.agreements.resolve(question)), replayed)
  return {
    resolution,
    known: {
      type: question.type,
      sender: resolution.senderPartnerId,
      receiver: resolution.receiverPartnerId,
      env: resolution.kind === 'resolved' ? resolution.env : (question.env ?? question.channel.env),
      profile: resolution.profile,
      versions: {
        ...(pinned ? pins! : versionsOf(question, resolution, tools)),
        ...(replayed?.replay && { replay: replayed.replay }),
        // a part of a fan-out stays one
        ...(replayed?.replay && replayed.only && { only: replayed.only }),
      },
      ...(resolution.kind === 'resolved' && { agreements: resolution.agreements }),
    },
  }
}

/**
 * The file as it is to be read: where the profile of its sender names a charset, that one counts. Asked once for a file,
 * before its messages go on; the envelope, which tells whose it is, reads the same in all charsets that envelopes name.
 */
export async function inCharset(
  file: ReceivedFile,
  found: readonly FoundDocument[],
  tools: Tools,
): Promise<ReceivedFile> {
  const first = found.find((each) => each.message !== null)
  if (first === undefined) return file
  const { profile } = await tools.agreements.resolve(questionOf(first, first.message!, tools))
  const charset = profile?.terms.charset
  return charset === undefined ? file : { ...file, charset }
}

/** What is asked about a message: parties of the envelope, or of the content where there is none. */
export function questionOf(found: FoundDocument, message: ReadMessage, tools: Tools): ResolveQuestion {
  const read = found.envelope?.read
  return {
    channel: found.file.channel,
    sender: read?.sender ?? message.sender,
    receiver: read?.receiver ?? message.receiver,
    env: read?.env ?? null,
    format: message.format,
    type: tools.mappings.typeOf(message.format, message.wireType, message.documentCode) ?? message.wireType,
    guide: message.guide,
    at: tools.clock.now(),
  }
}

function versionsOf(
  { channel: _channel, at: _at, ...question }: ResolveQuestion,
  resolution: Resolution,
  { mappings }: Tools,
): DocumentVersions {
  const { profile } = resolution
  const agreements = resolution.kind === 'resolved' ? resolution.agreements : []
  return {
    question,
    ...(profile === null
      ? {}
      : {
          profile: { id: profile.id, version: profile.version },
          ...(profile.terms.mapping !== '' && {
            mapping: {
              name: mappingName(profile.terms.mapping),
              version: versionOf(profile.terms.mapping, mappings),
            },
          }),
        }),
    agreements: agreements.map(({ key, version, receiver }) => ({
      key,
      version,
      mapping: mappingName(receiver.terms.mapping),
      mappingVersion: versionOf(receiver.terms.mapping, mappings),
      receiver: receiver.id,
    })),
    candidates: nearestFirst(resolution.candidates).slice(0, limits.candidatesKept).map(shortened),
  }
}

function versionOf(mapping: string, mappings: Tools['mappings']): string {
  return mappings.has(mapping) ? mappings.versionOf(mapping) : ''
}

function shortened({ kind, key, refused }: Candidate): Candidate {
  return { kind, key, refused: refused === null ? null : keptReason(refused) }
}
