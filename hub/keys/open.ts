import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { limits } from '#hub/base/limits.ts'
import type { Log } from '#hub/base/log.ts'
import { HubError } from '#hub/model/errors.ts'
import type { MasterKeyRegister, MasterKeyRow } from '#hub/model/master-keys.ts'
import type { Sealer } from '#hub/model/sealing.ts'
import { masterKeySource, type MasterKeyConfig } from './master-key.ts'
import { wrappedBy } from './provider.ts'
import { openRing, type KeyRing } from './ring.ts'
import { createSealer } from './sealing.ts'

/** The master keys of a process, and what seals with them; they follow the database for as long as they are open. */
export interface Keys {
  sealer: Sealer
  ring: KeyRing
  close(): Promise<void>
}

/**
 * Opens the master keys for a database. Only a database in which nothing was ever sealed gets a new one; otherwise HubError
 * `masterKeyMissing` says which keys it needs and where they were looked for. Every `masterKeyLookMs` it is looked which key
 * is the current one, so that a rotation reaches all processes without a restart.
 */
export async function openKeys(
  config: MasterKeyConfig,
  register: MasterKeyRegister,
  log?: Log,
): Promise<Keys> {
  const source = masterKeySource(config)
  const ring = openRing(source)
  const known = await claimDatabase(ring, register)
  demandKeys(ring, known)
  const needed = known.find(({ state }) => state === 'current')!.id
  ring.use(needed)
  const holding = await holdKeys(ring, register, log)
  return { sealer: createSealer(ring), ring, close: holding.close }
}

/** The keys of the database; a database without any gets the first one of the ring, or that of what it holds already. */
async function claimDatabase(ring: KeyRing, register: MasterKeyRegister): Promise<MasterKeyRow[]> {
  const known = await register.keys()
  if (known.length > 0) return known
  const used = (await register.samples()).map(wrappedBy)
  if (used.length === 0 && ring.wrapsWith === null) {
    await ring.source.make()
    ring.reload()
  }
  const first = used[0] ?? ring.wrapsWith
  if (first === null) throw new HubError('masterKeyMissing', `there is none in ${ring.source.where}`)
  // what cannot be opened here is not claimed either
  if (!ring.ids.includes(first)) throw missing([first], ring)
  await register.adopt(first)
  return register.keys()
}

/** Whoever lacks a key that is not retired would fail at some documents: better not to begin. */
function demandKeys(ring: KeyRing, known: readonly MasterKeyRow[]): void {
  const needed = known.filter(({ state }) => state === 'current' || state === 'earlier')
  const lacking = needed.filter(({ id }) => !ring.ids.includes(id)).map(({ id }) => id)
  if (lacking.length > 0) throw missing(lacking, ring)
}

function missing(lacking: readonly string[], { ids, source }: KeyRing): HubError {
  const needs = lacking.length === 1 ? `master key ${lacking[0]}` : `master keys ${lacking.join(' and ')}`
  const here = ids.length === 0 ? `there is no ${source.where}` : `${source.where} has ${ids.join(', ')}`
  return new HubError(
    'masterKeyMissing',
    `this database is sealed with ${needs}; ${here}. Nothing was made or changed.`,
    { detail: { needed: lacking.join(' '), given: ids.join(' ') } },
  )
}

/** Tells the database what is held here, and follows it. */
async function holdKeys(
  ring: KeyRing,
  register: MasterKeyRegister,
  log?: Log,
): Promise<{ close(): Promise<void> }> {
  const id = randomUUID()
  const name = `${hostname()}:${process.pid}`
  let lacking: string | null = null
  let looking: Promise<void> | null = null

  const say = () => register.beat({ id, name, knows: ring.ids, wrapsWith: ring.wrapsWith ?? '' })
  const look = async (): Promise<void> => {
    const before = stateOf(ring)
    const known = await say()
    if (known.some(({ id: key, state }) => state !== 'retired' && !ring.ids.includes(key))) ring.reload()
    const current = known.find(({ state }) => state === 'current')?.id
    if (current !== undefined && current !== ring.wrapsWith && !ring.use(current) && lacking !== current) {
      lacking = current
      log?.error({ code: 'CD-9005', needed: current, given: ring.ids }, 'the current master key is not here')
    }
    if (stateOf(ring) !== before) {
      log?.info({ masterKey: ring.wrapsWith, known: ring.ids }, 'master keys changed')
      await say()
    }
  }
  await look()
  const timer = setInterval(() => {
    // the database may be away: then nothing can be sealed either, and others say so
    looking ??= look()
      .catch(() => {})
      .finally(() => (looking = null))
  }, limits.masterKeyLookMs)
  timer.unref()
  return {
    close: async () => {
      clearInterval(timer)
      await looking
      await register.leave(id).catch(() => {})
    },
  }
}

function stateOf(ring: KeyRing): string {
  return [ring.wrapsWith, ...ring.ids].join(' ')
}
