import type { Store } from '#hub/store/connect.ts'
import { appendEntries } from '#hub/store/entry.ts'
import {
  insertEpoch,
  lastCheckpoint,
  moveHead,
  prepareLedger,
  readEpochs,
  seizeLedger,
  takeEpochEntry,
  type LedgerEpoch,
  type LedgerHead,
} from '#hub/store/ledger.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import { appendToLedger } from './append.ts'
import type { Keeper } from './keeper.ts'
import { readCheckpoint, type SigningKey } from './note.ts'

export interface BegunEpoch {
  epoch: number
  origin: string
  /** What it goes on from: the checkpoint that was signed last, or null where nothing ever was. */
  previous: string | null
}

/**
 * Begins a new epoch, as the operator does after restoring an older backup or losing the key: a tree of its own, under a
 * new origin, whose first leaf carries the checkpoint that was signed last. Entries keep their places; those after it go
 * on in number, and so do the partners' histories. A sequencer that is at work is refused until it has taken note.
 */
export async function beginEpoch(
  { store, keeper }: { store: Store; keeper: Keeper },
  { reason, actor }: { reason: string; actor: string },
): Promise<BegunEpoch> {
  await prepareLedger(store.worker)
  const kept = await keeper.kept()
  const key = (await keeper.key({ make: true }))!
  const begun = await inTransaction(store.worker, 'ledger.epoch', async (client) => {
    const head = await seizeLedger(client)
    const epochs = await readEpochs(client)
    const previous = kept?.note ?? (await lastCheckpoint(client))?.note ?? null
    const epoch = nextEpoch({ head, epochs, previous, key })
    await insertEpoch(client, epoch)
    const body = { epoch: epoch.epoch, previous, reason }
    await appendEntries(client, [{ type: 'ledger.epoch', body, partnerId: null, actor }])
    const entry = await takeEpochEntry(client)
    const grown = await appendToLedger(client, { epoch, key, size: 0, edge: [] }, [entry])
    await moveHead(client, { token: head.token, from: head, epoch: epoch.epoch, size: grown.size })
    return { epoch: epoch.epoch, origin: epoch.origin, previous, note: grown.note }
  })
  await keeper.keep(begun.note)
  return { epoch: begun.epoch, origin: begun.origin, previous: begun.previous }
}

interface EpochFacts {
  head: LedgerHead
  epochs: readonly LedgerEpoch[]
  previous: string | null
  key: SigningKey
}

function nextEpoch({ head, epochs, previous, key }: EpochFacts): LedgerEpoch {
  const last = epochs.at(-1)
  const signedLast = previous === null ? 0 : epochOf(readCheckpoint(previous)?.origin ?? '')
  // the database may know less than what was signed: a number is never used twice
  const epoch = Math.max(last?.epoch ?? 0, signedLast) + 1
  return {
    epoch,
    origin: originOf(head, epoch),
    publicKey: key.publicKey,
    firstIdx: last === undefined ? 0 : last.firstIdx + head.size,
    previous,
  }
}

/** The name under which an epoch's checkpoints are signed. */
export function originOf({ installation }: LedgerHead, epoch: number): string {
  return `crossdock/${installation}/${epoch}`
}

function epochOf(origin: string): number {
  const number = Number(origin.slice(origin.lastIndexOf('/') + 1))
  return Number.isSafeInteger(number) ? number : 0
}
