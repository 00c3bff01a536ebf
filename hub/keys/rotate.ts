import { limits } from '#hub/base/limits.ts'
import { HubError } from '#hub/model/errors.ts'
import type { KeyHolder, KeyUse, MasterKeyRegister, MasterKeyState } from '#hub/model/master-keys.ts'
import type { KeyRing } from './ring.ts'

export interface RotationDeps {
  ring: KeyRing
  register: MasterKeyRegister
  /** Who asked for it, for the ledger. */
  actor: string
  /** Told what happens while it lasts. */
  say?(text: string): void
}

export interface Rotation {
  /** The key that everything is wrapped with now. */
  current: string
  /** Whether it became the current one by this call; false where an interrupted rotation went on. */
  begun: boolean
  /** Data keys wrapped anew, by table. */
  rewrapped: Record<string, number>
  /** What other keys still wrap. */
  left: KeyUse[]
  /** Earlier keys that wrap nothing any more. */
  retirable: string[]
}

/**
 * Makes a new master key the current one in all running processes and wraps every data key anew with it; no content is
 * touched. May be ended at any moment: called again it goes on, and begins with a new key only when nothing was left to do.
 * Throws HubError `masterKeyBusy` where a process does not know the new key, or another rotation is under way.
 */
export async function rotateMasterKey(deps: RotationDeps): Promise<Rotation> {
  const rotation = await deps.register.alone(() => rotate(deps))
  if (rotation === null)
    throw new HubError('masterKeyBusy', 'another process rotates or retires a key at this moment')
  return rotation
}

async function rotate(deps: RotationDeps): Promise<Rotation> {
  const { ring, register, actor, say } = deps
  const next = await nextKey(deps)
  if (next !== null) {
    await untilAll(register, ({ knows }) => knows.includes(next), next)
    await register.makeCurrent(next, actor)
    say?.(`Master key ${next} is the current one.`)
  }
  const current = (await register.keys()).find(({ state }) => state === 'current')!.id
  if (!ring.use(current)) throw new HubError('masterKeyMissing', `master key ${current} is not here`)
  await untilAll(register, ({ wrapsWith }) => wrapsWith === current, current)
  const rewrapped = await rewrapAll(deps, current)
  const left = (await register.uses()).filter(({ keyId }) => keyId !== current)
  const earlier = (await register.keys()).filter(({ state }) => state === 'earlier')
  const retirable = earlier.map(({ id }) => id).filter((id) => !left.some(({ keyId }) => keyId === id))
  return { current, begun: next !== null, rewrapped, left, retirable }
}

/** The key to begin with, announced; null where an earlier one still wraps something: then that goes first. */
async function nextKey({ ring, register, say }: RotationDeps): Promise<string | null> {
  const known = await register.keys()
  const announced = known.find(({ state }) => state === 'announced')
  if (announced !== undefined) return announced.id
  const earlier = known.filter(({ state }) => state === 'earlier').map(({ id }) => id)
  if (earlier.length > 0 && (await register.uses()).some(({ keyId }) => earlier.includes(keyId))) return null
  ring.reload()
  const unused = ring.ids.find((id) => !known.some((row) => row.id === id))
  if (unused === undefined && !ring.source.isFile) throw noNewKey(ring)
  const next = unused ?? (await ring.source.add())
  ring.reload()
  await register.announce(next)
  say?.(`Master key ${next} was ${unused === undefined ? 'made' : 'found'} in ${ring.source.where}.`)
  return next
}

function noNewKey({ source }: KeyRing): HubError {
  return new HubError(
    'masterKeyBusy',
    `${source.where} holds no new key. Make one with "openssl rand -base64 32", put it behind the present one, parted by a comma, for every process of the hub, start them again one after the other, and rotate then`,
  )
}

/** Waits for the running processes; those that do not follow are named. */
async function untilAll(
  register: MasterKeyRegister,
  follows: (holder: KeyHolder) => boolean,
  key: string,
): Promise<void> {
  const until = performance.now() + limits.masterKeyWaitSeconds * 1000
  for (;;) {
    const behind = (await register.holders(holderSeconds)).filter((holder) => !follows(holder))
    if (behind.length === 0) return
    if (performance.now() > until) {
      const names = behind.map(({ name }) => name).join(', ')
      throw new HubError(
        'masterKeyBusy',
        `these processes do not know master key ${key} yet: ${names}. Give it to them by their master.key or CROSSDOCK_MASTER_KEY, or end them, and rotate again`,
      )
    }
    await new Promise((resolve) => setTimeout(resolve, limits.masterKeyLookMs / 4))
  }
}

/** A process that said nothing for so long has ended. */
const holderSeconds = Math.ceil((limits.masterKeyLookMs * 5) / 1000)

/** Until a pass finds nothing more: what was being sealed at the change may have come behind the first one. */
async function rewrapAll(deps: RotationDeps, to: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (let passes = 0; passes < 5; passes++) {
    let changed = 0
    for (const table of await deps.register.tables()) {
      const here = await rewrapTable(deps, table, to)
      counts[table] = (counts[table] ?? 0) + here
      changed += here
    }
    if (changed === 0) break
  }
  return counts
}

async function rewrapTable(
  { ring, register, say }: RotationDeps,
  table: string,
  to: string,
): Promise<number> {
  let changed = 0
  let after: string[] | null = []
  while (after !== null) {
    const batch = await register.rewrapBatch(table, {
      to,
      after,
      rows: limits.masterKeyRewrapRows,
      rewrap: (wrapped) => rewrap(ring, wrapped),
    })
    changed += batch.changed
    after = batch.after
    if (batch.changed > 0) say?.(`${table}: ${changed}`)
  }
  return changed
}

/** Null where it cannot be opened here: such a row is counted as left. */
function rewrap(ring: KeyRing, wrapped: Buffer): Buffer | null {
  try {
    return ring.wrap(ring.unwrap(wrapped))
  } catch (error) {
    if (error instanceof HubError) return null
    throw error
  }
}

export interface ListedKey {
  id: string
  /** `unused`: here, and nothing in the database was ever wrapped with it. */
  state: MasterKeyState | 'unused'
  at: Date | null
  /** Whether it is in the file or variable here. */
  here: boolean
  wraps: Record<string, number>
}

/** All master keys of the database and of this place, with what each wraps. */
export async function listMasterKeys({
  ring,
  register,
}: Pick<RotationDeps, 'ring' | 'register'>): Promise<ListedKey[]> {
  const uses = await register.uses()
  const wraps = (id: string) =>
    Object.fromEntries(uses.filter(({ keyId }) => keyId === id).map(({ table, count }) => [table, count]))
  const known = (await register.keys()).map(({ id, state, at }) => ({
    id,
    state,
    at,
    here: ring.ids.includes(id),
    wraps: wraps(id),
  }))
  const others = new Set(
    [...ring.ids, ...uses.map(({ keyId }) => keyId)].filter((id) => !known.some((key) => key.id === id)),
  )
  const unused = [...others].map((id) => ({
    id,
    state: 'unused' as const,
    at: null,
    here: ring.ids.includes(id),
    wraps: wraps(id),
  }))
  return [...known, ...unused]
}

export interface Retired {
  id: string
  /** The file that the key was moved to, where it stood in the key file. */
  aside: string | null
  /** What it wrapped and nobody can open any more; above 0 only where that was said to be lost. */
  lost: number
}

/**
 * Retires an earlier key that wraps nothing any more, so that it may be taken away. `lost` retires one that is gone for
 * good, with all that only it opens. Throws HubError `masterKeyBusy` that says why it may not be.
 */
export async function retireMasterKey(
  { ring, register, actor }: RotationDeps,
  { id, lost }: { id: string; lost: boolean },
): Promise<Retired> {
  const retired = await register.alone(async () => {
    const row = (await register.keys()).find((key) => key.id === id)
    if (row === undefined) throw new HubError('masterKeyBusy', `this database knows no master key ${id}`)
    if (row.state === 'current' || row.state === 'announced')
      throw new HubError('masterKeyBusy', `master key ${id} is the ${row.state} one: rotate first`)
    const uses = (await register.uses()).filter(({ keyId }) => keyId === id)
    if (uses.length > 0 && !lost) {
      const what = uses.map(({ table, count }) => `${count} of ${table}`).join(', ')
      throw new HubError(
        'masterKeyBusy',
        `master key ${id} still wraps ${what}: "crossdock key rotate" wraps them anew`,
      )
    }
    const holders = (await register.holders(holderSeconds)).filter(({ wrapsWith }) => wrapsWith === id)
    if (holders.length > 0)
      throw new HubError(
        'masterKeyBusy',
        `${holders.map(({ name }) => name).join(', ')} still wraps with ${id}`,
      )
    await register.retire(id, actor)
    const aside = ring.source.isFile ? await ring.source.setAside(id) : null
    return { id, aside, lost: uses.reduce((sum, { count }) => sum + count, 0) }
  })
  if (retired === null)
    throw new HubError('masterKeyBusy', 'another process rotates or retires a key at this moment')
  return retired
}
