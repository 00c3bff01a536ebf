import { createHash } from 'node:crypto'
import { limits } from '#hub/base/limits.ts'
import type { CodeName } from '#hub/model/codes/index.ts'
import type { TransmissionId } from '#hub/model/ids.ts'
import type { Incoming } from '#hub/model/transport.ts'
import type { OnceClaim } from '#hub/store/once.ts'
import type { SealedPayload } from '#hub/store/payload.ts'
import type { NewTransmission } from '#hub/store/receive.ts'

/** A file that was read, opened and answered for, with all that its commit writes. */
export interface Candidate {
  transmission: NewTransmission
  /** Raw bytes, and opened ones and the answer where there are any. */
  payloads: SealedPayload[]
  once: OnceClaim | null
  /** Of the raw bytes; null where none are kept. */
  sha256: Buffer | null
  sizeBytes: number
  channelKey: string
  /** The plain answer that stands sealed among the payloads. */
  answer: Buffer | null
}

/** What an accepted file consists of, sealed. */
export interface Parts {
  raw: SealedPayload
  opened: SealedPayload | null
  answer: { plain: Buffer; sealed: SealedPayload } | null
}

/** A repeat is one of the content, not of the raw bytes: encryption makes other ones each time. */
export function acceptedCandidate(id: TransmissionId, incoming: Incoming, parts: Parts): Candidate {
  const { raw, opened, answer } = parts
  const contentSha256 = (opened ?? raw).sha256
  return {
    transmission: {
      ...transmissionOf(id, incoming),
      state: 'accepted',
      code: null,
      rawId: raw.id,
      openedId: opened?.id ?? null,
      answerId: answer?.sealed.id ?? null,
    },
    payloads: [raw, opened, answer?.sealed ?? null].filter((payload) => payload !== null),
    once: claimOf(id, incoming, contentSha256),
    sha256: raw.sha256,
    sizeBytes: raw.sizeBytes,
    channelKey: incoming.channel.key,
    answer: answer?.plain ?? null,
  }
}

/**
 * A refused file; its bytes are kept where they were read to the end. It claims no identity: the mended file may come under
 * the same one.
 */
export function refusedCandidate(
  id: TransmissionId,
  incoming: Incoming,
  code: CodeName,
  raw: SealedPayload | null,
): Candidate {
  return {
    transmission: {
      ...transmissionOf(id, incoming),
      state: 'refused',
      code,
      rawId: raw?.id ?? null,
      openedId: null,
      answerId: null,
    },
    payloads: raw === null ? [] : [raw],
    once: null,
    sha256: raw?.sha256 ?? null,
    sizeBytes: raw?.sizeBytes ?? 0,
    channelKey: incoming.channel.key,
    answer: null,
  }
}

/** The identity the sender gave, or the one that name and content are together; null where every file is a new one. */
function claimOf(id: TransmissionId, incoming: Incoming, contentSha256: Buffer): OnceClaim | null {
  if (incoming.once !== null) return { ...incoming.once, ownerId: id, contentSha256 }
  if (incoming.onceByContent === undefined) return null
  const { scope, name, windowSeconds } = incoming.onceByContent
  // hashed, because a key holds no NUL and a name may be long
  const key = createHash('sha256')
    .update(`${name}\0${contentSha256.toString('hex')}`)
    .digest('hex')
  return { scope, key, ownerId: id, contentSha256, windowSeconds }
}

function transmissionOf(id: TransmissionId, incoming: Incoming) {
  return {
    id,
    partnerId: incoming.channel.partnerId,
    channelId: incoming.channel.id,
    kind: incoming.kind,
    name: incoming.name === null ? null : storableName(incoming.name),
    evidence: incoming.evidence,
  }
}

/** Any name a sender can think of can be kept: control characters are dropped, and what is too long is cut. */
function storableName(name: string): string {
  const clean = name.replace(/\p{Cc}/gu, '').toWellFormed()
  return [...clean].slice(0, limits.fileNameLength).join('')
}
