import { randomUUID } from 'node:crypto'
import { limits } from '#hub/base/limits.ts'
import type { Log } from '#hub/base/log.ts'
import { HubError, messageOf } from '#hub/model/errors.ts'
import { stableCode } from '#hub/model/codes/index.ts'
import type { Client, Store } from '#hub/store/connect.ts'
import {
  anyUnsequenced,
  claimLedger,
  insertEpoch,
  lockLedger,
  moveHead,
  prepareLedger,
  readEpochs,
  releaseLedger,
  takeUnsequenced,
  type LedgerEpoch,
  type LedgerHead,
} from '#hub/store/ledger.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import { appendToLedger } from './append.ts'
import { assertGoesOn, assertOwnKey, readEdge } from './continuity.ts'
import { originOf } from './epoch.ts'
import type { Keeper } from './keeper.ts'
import type { Checkpoint, SigningKey } from './note.ts'

export interface SequencerDeps {
  store: Store
  keeper: Keeper
  log: Log
}

/** What one turn came to; `notLeading` where another process has the lease, or took it in between. */
export type Sequenced = { kind: 'sequenced'; entries: number } | { kind: 'notLeading' }

export interface Sequencer {
  /**
   * Takes the lease where it is free, and gives one batch of entries their places. Throws HubError `ledgerBehind` or
   * `ledgerKeyMissing` where nothing may be signed, and what the database throws.
   */
  runOnce(): Promise<Sequenced>
  /** Goes on by the clock until `stop`. */
  start(): void
  /** Resolves when the turn under way has ended and the lease is given back. */
  stop(): Promise<void>
}

/** The one that gives entries their places. Each worker process has one; the lease makes one of them the leader. */
export function createSequencer(deps: SequencerDeps): Sequencer {
  const { log } = deps
  const turns = createTurns(deps)
  let timer: NodeJS.Timeout | null = null
  let turning: Promise<unknown> = Promise.resolve()
  let said = ''

  const isRunning = (): boolean => timer !== null
  const tick = async (): Promise<void> => {
    try {
      let done: Sequenced
      do done = await turns.runOnce()
      while (isRunning() && done.kind === 'sequenced' && done.entries >= limits.ledgerBatch)
      said = ''
    } catch (error) {
      const reason = messageOf(error)
      if (reason === said) return
      said = reason
      if (error instanceof HubError)
        log.error({ code: stableCode(error.code), step: 'ledger', reason }, 'the ledger is not signed')
      else log.warn({ step: 'ledger', reason }, 'the ledger waits')
    }
  }
  const next = (): void => {
    turning = tick().then(() => {
      if (timer !== null) timer = setTimeout(next, limits.ledgerEveryMs)
    })
  }
  return {
    runOnce: turns.runOnce,
    start: () => {
      if (timer === null) timer = setTimeout(next, 0)
    },
    stop: async () => {
      if (timer !== null) clearTimeout(timer)
      timer = null
      await turning
      await turns.release().catch(() => {})
    },
  }
}

/** What the leader knows from turn to turn; the database and the keeper are asked again where it does not hold. */
interface Turns {
  runOnce(): Promise<Sequenced>
  release(): Promise<void>
}

function createTurns({ store, keeper }: SequencerDeps): Turns {
  const holder = randomUUID()
  let prepared = false
  let token: number | null = null
  let renewAt = 0
  let signed: Checkpoint | null = null

  const lead = async (): Promise<boolean> => {
    if (!prepared) await prepareLedger(store.worker)
    prepared = true
    if (token !== null && performance.now() < renewAt) return true
    const claimed = await claimLedger(store.worker, holder, limits.ledgerLeaseSeconds)
    // another may have led in between: what it signed is with the keeper
    if (claimed !== token) signed = null
    token = claimed
    renewAt = performance.now() + (limits.ledgerLeaseSeconds * 1000) / 3
    return token !== null
  }
  const turn = async (client: Client, entriesMost: number): Promise<Turned> => {
    const idleMs = limits.ledgerLeaseSeconds * 1000
    const head = await lockLedger(client, { holder, token: token!, idleMs })
    if (head === null) return { kind: 'notLeading' }
    return growBy(client, head, { keeper, signed, token: token!, entriesMost })
  }
  return {
    runOnce: async () => {
      if (!(await lead())) return { kind: 'notLeading' }
      if (!(await anyUnsequenced(store.worker, limits.ledgerSettleMs)))
        return { kind: 'sequenced', entries: 0 }
      try {
        const turned = await inTransaction(store.worker, 'ledger.sequence', (client) =>
          turn(client, limits.ledgerBatch),
        )
        if (turned.kind === 'notLeading') token = null
        if (turned.kind !== 'grown') return turned
        await keeper.keep(turned.note)
        signed = turned.checkpoint
        return { kind: 'sequenced', entries: turned.entries }
      } catch (error) {
        signed = null
        throw error
      }
    },
    release: async () => {
      if (prepared) await releaseLedger(store.worker, holder)
    },
  }
}

type Turned = Sequenced | { kind: 'grown'; entries: number; note: string; checkpoint: Checkpoint }

interface Turning {
  keeper: Keeper
  /** What this process signed last, where it has led since. */
  signed: Checkpoint | null
  token: number
  entriesMost: number
}

async function growBy(client: Client, head: LedgerHead, turning: Turning): Promise<Turned> {
  const { keeper, token, entriesMost } = turning
  const entries = await takeUnsequenced(client, { settleMs: limits.ledgerSettleMs, limit: entriesMost })
  if (entries.length === 0) return { kind: 'sequenced', entries: 0 }
  const kept = turning.signed ?? (await keeper.kept())?.checkpoint ?? null
  const epochs = await readEpochs(client)
  const edge = head.epoch === null ? [] : await readEdge(client, head.epoch, head.size)
  await assertGoesOn(client, { head, epochs, edge }, kept)
  const { epoch, key } = await presentEpoch(client, head, epochs, keeper)
  const grown = await appendToLedger(client, { epoch, key, edge, size: head.size }, entries)
  const moved = await moveHead(client, { token, from: head, epoch: epoch.epoch, size: grown.size })
  if (!moved) throw new Error('the ledger was moved on by another process')
  const checkpoint = { origin: epoch.origin, size: grown.size, root: grown.root }
  return { kind: 'grown', entries: entries.length, note: grown.note, checkpoint }
}

/** The epoch that grows, with its key. The first one begins by itself; every other is begun by an operator. */
async function presentEpoch(
  client: Client,
  head: LedgerHead,
  epochs: readonly LedgerEpoch[],
  keeper: Keeper,
): Promise<{ epoch: LedgerEpoch; key: SigningKey }> {
  const present = epochs.find(({ epoch }) => epoch === head.epoch)
  if (present !== undefined) {
    const key = await keeper.key({ make: false })
    assertOwnKey(key, present)
    return { epoch: present, key }
  }
  const key = (await keeper.key({ make: true }))!
  const epoch = {
    epoch: 1,
    origin: originOf(head, 1),
    publicKey: key.publicKey,
    firstIdx: 0,
    previous: null,
  }
  await insertEpoch(client, epoch)
  return { epoch, key }
}
