import type { Clock } from '#hub/base/clock.ts'
import type { Log } from '#hub/base/log.ts'
import { stableCode } from '#hub/model/codes/index.ts'
import { HubError } from '#hub/model/errors.ts'
import { derivedId, newId, type PayloadId, type TransmissionId } from '#hub/model/ids.ts'
import type { JobQueue } from '#hub/model/queue.ts'
import type { Sealer } from '#hub/model/sealing.ts'
import type { Incoming, Receive, Received } from '#hub/model/transport.ts'
import type { Store } from '#hub/store/connect.ts'
import { isDatabaseAway } from '#hub/store/outage.ts'
import { readPayload, type SealedPayload } from '#hub/store/payload.ts'
import { startUpload, type Upload } from '#hub/store/upload.ts'
import { answer } from './answer.ts'
import { acceptedCandidate, refusedCandidate, type Candidate } from './candidate.ts'
import { createCommits, type Committed } from './commit.ts'
import type { Group } from './group.ts'
import { open } from './open.ts'
import { read } from './read.ts'

export interface ReceiveDeps {
  store: Store
  sealer: Sealer
  queue: JobQueue
  clock: Clock
  log: Log
}

/**
 * The way in, the same for every door: read, open, answer, commit. When `receive` says `accepted`, the bytes, their
 * hash, the row, the ledger entry and the job are on durable storage; a repeat of the same identity gets the
 * first one's result. It throws HubError `databaseAway` or `hubBusy` (come again), `notStored` or `unexpected` (our fault).
 * `close` waits for what is under way.
 */
export function createReceive(deps: ReceiveDeps): { receive: Receive; close(): Promise<void> } {
  const commits = createCommits(deps)
  return {
    receive: async (incoming) => {
      try {
        return await receive(deps, commits, incoming)
      } catch (error) {
        throw isDatabaseAway(error) ? new HubError('databaseAway', undefined, { cause: error }) : error
      }
    },
    close: () => commits.idle(),
  }
}

/** One file on its way in, and the bytes that were written for it so far. */
interface Arrival {
  id: TransmissionId
  incoming: Incoming
  uploads: Upload[]
}

async function receive(
  deps: ReceiveDeps,
  commits: Group<Candidate, Committed>,
  incoming: Incoming,
): Promise<Received> {
  if (incoming.channel.suspended === true) {
    return { kind: 'refused', transmissionId: null, code: 'channelSuspended' }
  }
  if (commits.full()) throw new HubError('hubBusy')
  const arrival: Arrival = { id: newId<TransmissionId>(deps.clock.now().getTime()), incoming, uploads: [] }
  const candidate = await prepare(deps, arrival)
  if (candidate === null) {
    await discard(deps, arrival)
    return { kind: 'refused', transmissionId: null, code: 'uploadBroken' }
  }
  const committed = await commits.join(candidate, sealedBytes(candidate))
  logOutcome(deps, candidate, committed)
  if (committed.kind === 'accepted') keepAtHand(deps, candidate, arrival)
  if (committed.kind !== 'accepted' && candidate.transmission.state !== 'refused')
    await discard(deps, arrival)
  return await receivedOf(deps, candidate, committed)
}

/** Read, open and answer; null where the sender went away, so that there is nothing to record. */
async function prepare(deps: ReceiveDeps, arrival: Arrival): Promise<Candidate | null> {
  const { id, incoming } = arrival
  const upload = startPart(deps, arrival, 'raw')
  const body = await read(incoming, upload)
  if (body.kind === 'refused') {
    if (body.code === 'uploadBroken') return null
    await discard(deps, arrival)
    return refusedCandidate(id, incoming, body.code, null)
  }
  const raw = await upload.finish()
  const opened = await open(incoming, body.whole)
  if (opened.kind === 'refused') return refusedCandidate(id, incoming, opened.code, raw)
  const facts = { transmissionId: id, sha256: raw.sha256, sizeBytes: raw.sizeBytes }
  const answered = await answer(incoming, facts)
  return acceptedCandidate(id, incoming, {
    raw,
    opened: opened.bytes === null ? null : await sealPart(deps, arrival, 'opened', opened.bytes),
    answer:
      answered === null
        ? null
        : { plain: answered, sealed: await sealPart(deps, arrival, 'answer', answered) },
  })
}

/** What goes well is in the ledger; the log has it for whoever asks for more. */
function logOutcome(deps: ReceiveDeps, { transmission }: Candidate, committed: Committed): void {
  const level = committed.kind === 'refused' || committed.kind === 'conflict' ? 'info' : 'debug'
  const { id: transmissionId, partnerId, code } = transmission
  deps.log[level](
    { transmissionId, partnerId, step: 'receive', ...(code === null ? {} : { code: stableCode(code) }) },
    committed.kind,
  )
}

type Part = 'raw' | 'opened' | 'answer'

function startPart(deps: ReceiveDeps, arrival: Arrival, part: Part): Upload {
  const { id, incoming } = arrival
  const upload = startUpload(deps.store.worker, deps.sealer, {
    id: derivedId<PayloadId>(id, part),
    partnerId: incoming.channel.partnerId,
    mediaType: (part === 'raw' ? incoming.mediaType : null) ?? 'application/octet-stream',
  })
  arrival.uploads.push(upload)
  return upload
}

async function sealPart(
  deps: ReceiveDeps,
  arrival: Arrival,
  part: Part,
  bytes: Buffer,
): Promise<SealedPayload> {
  const upload = startPart(deps, arrival, part)
  await upload.write(bytes)
  return await upload.finish()
}

/** What is processed next is at hand then, where this process does that too. */
function keepAtHand({ store }: ReceiveDeps, { transmission }: Candidate, { uploads }: Arrival): void {
  const read = transmission.openedId ?? transmission.rawId
  for (const upload of uploads) {
    const plain = upload.id === read ? upload.plain() : null
    if (plain !== null) store.recent.keep(upload.id, plain)
  }
}

function sealedBytes(candidate: Candidate): number {
  return candidate.payloads.reduce((sum, payload) => sum + (payload.bytes?.length ?? 0), 0)
}

async function receivedOf(deps: ReceiveDeps, candidate: Candidate, committed: Committed): Promise<Received> {
  const { transmission, sha256, sizeBytes } = candidate
  switch (committed.kind) {
    case 'accepted':
      return {
        kind: 'accepted',
        transmissionId: transmission.id,
        sha256: sha256!,
        sizeBytes,
        answer: candidate.answer,
      }
    case 'duplicate': {
      const { answerId, ...first } = committed
      const given = answerId === null ? null : await readPayload(deps.store.worker, deps.sealer, answerId)
      return { ...first, answer: given }
    }
    case 'conflict':
      return committed
    case 'refused':
      return { kind: 'refused', transmissionId: transmission.id, code: transmission.code! }
  }
}

/**
 * Removes chunks of what came to nothing. Only where that is certain: after an error the commit may still have
 * happened, and what stays behind then is found by the sweep of orphans.
 */
async function discard(deps: ReceiveDeps, { id, uploads }: Arrival): Promise<void> {
  try {
    for (const upload of uploads) await upload.discard()
  } catch (error) {
    deps.log.warn({ err: error, transmissionId: id }, 'receive: chunks stay for the sweep')
  }
}
