import { limits } from '#hub/base/limits.ts'
import { codes } from '#hub/model/codes/index.ts'
import { HubError } from '#hub/model/errors.ts'
import type { Store } from '#hub/store/connect.ts'
import type { Examined } from '#hub/store/examine.ts'
import { lastCheckpoint, ledgerDelay, readEpochs, readHead } from '#hub/store/ledger.ts'
import { assertGoesOn, assertOwnKey, readEdge } from './continuity.ts'
import type { Keeper } from './keeper.ts'
import { verifierKey } from './note.ts'

/**
 * What `doctor` says of the ledger: its last checkpoint and key, whether it goes on from what was signed last, and how long
 * entries wait for their place. Changes nothing, and makes no key.
 */
export async function examineLedger(store: Store, keeper: Keeper): Promise<Examined[]> {
  return [await continuity(store, keeper), await delay(store)]
}

async function continuity(store: Store, keeper: Keeper): Promise<Examined> {
  const name = 'ledger'
  try {
    const head = await readHead(store.worker)
    const epochs = await readEpochs(store.worker)
    const present = epochs.find(({ epoch }) => epoch === head?.epoch)
    const kept = (await keeper.kept())?.checkpoint ?? null
    if (head === null || present === undefined) {
      const fresh = { installation: '', token: 0, epoch: null, size: 0 }
      await assertGoesOn(store.worker, { head: fresh, epochs, edge: [] }, kept)
      return { name, good: true, found: 'nothing is signed yet', remedy: null }
    }
    const edge = await readEdge(store.worker, present.epoch, head.size)
    await assertGoesOn(store.worker, { head, epochs, edge }, kept)
    assertOwnKey(await keeper.key({ make: false }), present)
    const at = (await lastCheckpoint(store.worker))?.at.toISOString() ?? ''
    const key = verifierKey(present.origin, present.publicKey)
    const found = `${head.size} entries of epoch ${present.epoch} signed at ${at}, by ${key}`
    return { name, good: true, found, remedy: null }
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    const { code, en } = codes[error.code]
    return { name, good: false, found: `${en.what} (${error.message})`, code, remedy: en.fix }
  }
}

async function delay(store: Store): Promise<Examined> {
  const { waiting, oldestSeconds, led } = await ledgerDelay(store.worker)
  const late = led && oldestSeconds > limits.ledgerDelaySeconds
  const wait =
    waiting === 0 ? 'no entry waits' : `${waiting} entries wait, the oldest ${oldestSeconds.toFixed(1)} s`
  return {
    name: 'ledger delay',
    good: !late,
    found: led ? `${wait} for its place` : `${wait}; no worker runs that would give places`,
    remedy: late ? 'The worker that leads the ledger does not keep up: its log says why.' : null,
  }
}
