import { limits } from '#hub/base/limits.ts'
import type { Log } from '#hub/base/log.ts'
import { stableCode, type CodeName } from '#hub/model/codes/index.ts'
import type { NewEntry } from '#hub/model/entries.ts'
import { HubError } from '#hub/model/errors.ts'
import { asId, type PayloadId, type TransmissionId } from '#hub/model/ids.ts'
import type { JobQueue } from '#hub/model/queue.ts'
import type { Client, Store } from '#hub/store/connect.ts'
import { appendEntries } from '#hub/store/entry.ts'
import { claimOnce } from '#hub/store/once.ts'
import { isDatabaseAway } from '#hub/store/outage.ts'
import { insertSealedPayloads } from '#hub/store/payload.ts'
import { findReceived, insertTransmissions } from '#hub/store/receive.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import type { Candidate } from './candidate.ts'
import { createGroup, type Group } from './group.ts'

/** What the commit made of a candidate. `answerId` of a repeat is the first one's. */
export type Committed =
  | { kind: 'accepted' }
  | {
      kind: 'duplicate'
      transmissionId: TransmissionId
      sha256: Buffer
      sizeBytes: number
      answerId: PayloadId | null
    }
  | { kind: 'conflict'; transmissionId: TransmissionId; code: CodeName }
  | { kind: 'refused' }

export interface CommitDeps {
  store: Store
  queue: JobQueue
  log: Log
}

/** The door's commit: candidates that arrive together share one transaction. */
export function createCommits(deps: CommitDeps): Group<Candidate, Committed> {
  return createGroup(
    {
      documents: limits.groupCommitDocuments,
      bytes: limits.groupCommitBytes,
      inFlight: limits.groupCommitsInFlight,
      waitingBytes: limits.groupCommitWaitingBytes,
    },
    (candidates) => commitTogether(deps, candidates),
  )
}

/** One that breaks the transaction of all must not stop the others: then each gets its own. */
async function commitTogether(
  deps: CommitDeps,
  candidates: Candidate[],
): Promise<PromiseSettledResult<Committed>[]> {
  try {
    const results = await commit(deps, candidates)
    return results.map((value) => ({ status: 'fulfilled', value }))
  } catch (error) {
    if (isDatabaseAway(error)) return candidates.map(() => rejected('databaseAway', error))
    if (candidates.length === 1) return [rejected('notStored', error)]
    deps.log.warn({ err: error, documents: candidates.length }, 'receive: each by itself')
    const results: PromiseSettledResult<Committed>[] = []
    for (const candidate of candidates) results.push(...(await commitTogether(deps, [candidate])))
    return results
  }
}

/** Bytes, row, entry and job in one transaction; what it returns is durable. */
async function commit(deps: CommitDeps, candidates: readonly Candidate[]): Promise<Committed[]> {
  return await inTransaction(deps.store.worker, 'receive', async (client) => {
    const first = await firstOnes(client, candidates)
    const kept = candidates.filter((candidate) => first.get(candidate) === undefined)
    await insertSealedPayloads(
      client,
      kept.flatMap((candidate) => candidate.payloads),
    )
    await insertTransmissions(
      client,
      kept.map((candidate) => candidate.transmission),
    )
    const results = await resultsOf(client, candidates, first)
    await appendEntries(
      client,
      candidates.map((candidate, at) => entryOf(candidate, results[at]!)),
    )
    await deps.queue.process(
      client,
      kept.filter(hasWork).map((candidate) => candidate.transmission.id),
    )
    return results
  })
}

/** For each candidate that repeats an identity: who bore it first. */
async function firstOnes(
  client: Client,
  candidates: readonly Candidate[],
): Promise<Map<Candidate, { id: TransmissionId; contentSha256: Buffer | null }>> {
  const claiming = candidates.filter((candidate) => candidate.once !== null)
  const holders = await claimOnce(
    client,
    claiming.map((candidate) => candidate.once!),
  )
  const first = new Map<Candidate, { id: TransmissionId; contentSha256: Buffer | null }>()
  claiming.forEach((candidate, at) => {
    const { ownerId, contentSha256 } = holders[at]!
    if (ownerId !== candidate.transmission.id) first.set(candidate, { id: asId(ownerId), contentSha256 })
  })
  return first
}

async function resultsOf(
  client: Client,
  candidates: readonly Candidate[],
  first: ReadonlyMap<Candidate, { id: TransmissionId; contentSha256: Buffer | null }>,
): Promise<Committed[]> {
  const ids = new Set([...first.values()].map((holder) => holder.id))
  const facts = ids.size === 0 ? new Map() : await findReceived(client, [...ids])
  return candidates.map((candidate): Committed => {
    const holder = first.get(candidate)
    if (holder === undefined) return { kind: candidate.transmission.state }
    const same = holder.contentSha256?.equals(candidate.once!.contentSha256!) === true
    const found = facts.get(holder.id)
    if (!same || found === undefined) {
      return { kind: 'conflict', transmissionId: holder.id, code: 'idempotencyKeyReused' }
    }
    return { kind: 'duplicate', transmissionId: holder.id, ...found }
  })
}

/** A receipt is settled in its own request; a refused file has nothing to process. */
function hasWork({ transmission }: Candidate): boolean {
  return transmission.state === 'accepted' && transmission.kind === 'file'
}

function entryOf(candidate: Candidate, result: Committed): NewEntry {
  const { transmission, sizeBytes, channelKey: channel } = candidate
  const sha256 = candidate.sha256?.toString('hex') ?? ''
  const about = { partnerId: transmission.partnerId, actor: `channel:${channel}` }
  switch (result.kind) {
    case 'accepted': {
      const body = { sha256, sizeBytes, channel, kind: transmission.kind }
      return { ...about, type: 'transmission.accepted', transmissionId: transmission.id, body }
    }
    case 'refused': {
      const bytes = candidate.sha256 === null ? {} : { sha256, sizeBytes }
      const body = { code: stableCode(transmission.code!), channel, ...bytes }
      return { ...about, type: 'transmission.refused', transmissionId: transmission.id, body }
    }
    case 'duplicate': {
      const body = { of: result.transmissionId, channel }
      return { ...about, type: 'transmission.duplicate', transmissionId: result.transmissionId, body }
    }
    case 'conflict': {
      const body = { of: result.transmissionId, channel, sha256 }
      return { ...about, type: 'transmission.conflict', transmissionId: result.transmissionId, body }
    }
  }
}

function rejected(code: CodeName, cause: unknown): PromiseSettledResult<Committed> {
  return { status: 'rejected', reason: new HubError(code, undefined, { cause }) }
}
