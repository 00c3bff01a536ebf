import { limits } from '#hub/base/limits.ts'
import type { Log } from '#hub/base/log.ts'
import { stableCode, type CodeName } from '#hub/model/codes/index.ts'
import type { NewEntry } from '#hub/model/entries.ts'
import { HubError } from '#hub/model/errors.ts'
import { asId, type PayloadId, type TransmissionId } from '#hub/model/ids.ts'
import type { JobQueue } from '#hub/model/queue.ts'
import type { Client, Store } from '#hub/store/connect.ts'
import { appendEntries } from '#hub/store/entry.ts'
import { onceHolders } from '#hub/store/once.ts'
import { isDatabaseAway } from '#hub/store/outage.ts'
import { findReceived, insertArrived } from '#hub/store/receive.ts'
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
      beside: limits.groupCommitBeside,
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
    const arrived = candidates.map((candidate) => ({ ...candidate, entry: newEntry(candidate) }))
    const inserted = await insertArrived(client, arrived)
    const isNew = ({ transmission }: Candidate): boolean => inserted.has(transmission.id)
    const repeats = await repeatsOf(
      client,
      candidates.filter((candidate) => !isNew(candidate)),
    )
    await appendEntries(
      client,
      [...repeats].map(([candidate, result]) => repeatEntry(candidate, result)),
    )
    await deps.queue.process(
      client,
      candidates.filter((each) => isNew(each) && hasWork(each)).map(({ transmission }) => transmission.id),
    )
    return candidates.map((each) => repeats.get(each) ?? { kind: each.transmission.state })
  })
}

type Repeat = Extract<Committed, { kind: 'duplicate' | 'conflict' }>

/** What each candidate that bears the identity of another comes to, by who bore it first. */
async function repeatsOf(client: Client, repeating: readonly Candidate[]): Promise<Map<Candidate, Repeat>> {
  if (repeating.length === 0) return new Map()
  const holders = await onceHolders(
    client,
    repeating.map((candidate) => candidate.once!),
  )
  const facts = await findReceived(client, [...new Set(holders.map(({ ownerId }) => ownerId))])
  return new Map(
    repeating.map((candidate, at): [Candidate, Repeat] => {
      const { ownerId, contentSha256 } = holders[at]!
      const transmissionId = asId<TransmissionId>(ownerId)
      const same = contentSha256?.equals(candidate.once!.contentSha256!) === true
      const found = facts.get(ownerId)
      if (!same || found === undefined)
        return [candidate, { kind: 'conflict', transmissionId, code: 'idempotencyKeyReused' }]
      return [candidate, { kind: 'duplicate', transmissionId, ...found }]
    }),
  )
}

/** A receipt is settled in its own request; a refused file has nothing to process. */
function hasWork({ transmission }: Candidate): boolean {
  return transmission.state === 'accepted' && transmission.kind === 'file'
}

function newEntry({ transmission, sizeBytes, sha256, channelKey: channel }: Candidate): NewEntry {
  const { id: transmissionId, partnerId, kind, code } = transmission
  const about = { partnerId, transmissionId, actor: `channel:${channel}` }
  const bytes = { sha256: sha256?.toString('hex') ?? '', sizeBytes }
  if (code === null) return { ...about, type: 'transmission.accepted', body: { ...bytes, channel, kind } }
  const body = { code: stableCode(code), channel, ...(sha256 === null ? {} : bytes) }
  return { ...about, type: 'transmission.refused', body }
}

function repeatEntry({ transmission, sha256, channelKey: channel }: Candidate, result: Repeat): NewEntry {
  const { transmissionId, kind } = result
  const about = { partnerId: transmission.partnerId, transmissionId, actor: `channel:${channel}` }
  const body = { of: transmissionId, channel }
  if (kind === 'duplicate') return { ...about, type: 'transmission.duplicate', body }
  return {
    ...about,
    type: 'transmission.conflict',
    body: { ...body, sha256: sha256?.toString('hex') ?? '' },
  }
}

function rejected(code: CodeName, cause: unknown): PromiseSettledResult<Committed> {
  return { status: 'rejected', reason: new HubError(code, undefined, { cause }) }
}
