import { readConfig } from '#hub/base/config.ts'
import { masterKeySource } from '#hub/keys/master-key.ts'
import { openKeys } from '#hub/keys/open.ts'
import { openRing, type KeyRing } from '#hub/keys/ring.ts'
import { listMasterKeys, retireMasterKey, rotateMasterKey, type ListedKey } from '#hub/keys/rotate.ts'
import { openDatabase, prepareDatabase } from '#hub/tools.ts'
import type { MasterKeyRegister } from '#hub/model/master-keys.ts'
import { openStore } from '#hub/store/connect.ts'
import { masterKeyRegister } from '#hub/store/master-key.ts'
import { onePositional, type Call, type Verb } from './verb.ts'

export const keyList: Verb = {
  name: 'key list',
  summary: 'lists the master keys of the database and of this place, and what each wraps',
  usage: 'crossdock key list',
  help: `State: current (all processes wrap with it), earlier (it still opens what it wrapped), announced (a rotation was
interrupted), retired (nothing is wrapped with it), unused (here, and not known to the database). Keys themselves are never shown.
Exit code 1 where a key that is needed is not here.`,
  run: (call) =>
    withRegister(call, async (register, ring) => {
      const keys = await listMasterKeys({ ring, register })
      call.out(
        call.json ? JSON.stringify({ keys }) : keys.map(keyLine).join('\n') || 'There is no master key yet.',
      )
      return keys.some((key) => !key.here && isNeeded(key)) ? 1 : 0
    }),
}

export const keyRotate: Verb = {
  name: 'key rotate',
  summary: 'makes a new master key, and wraps every data key anew with it',
  usage: 'crossdock key rotate',
  help: `While the hub runs. The new key is made in master.key of the data folder; where CROSSDOCK_MASTER_KEY is used, it is the one that stands
behind the present one there. All running processes begin to use it; then every data key is wrapped anew in small commits. No content is
encrypted anew. Interrupted, it goes on when called again. Copy master.key to a safe place afterwards; "crossdock key retire" takes the
earlier key away.`,
  run: (call) =>
    withRegister(call, async (register) => {
      const keys = await openKeys(readConfig(call.env), register)
      try {
        const say = call.json ? () => {} : call.out
        const done = await rotateMasterKey({ ring: keys.ring, register, actor: 'cli', say })
        call.out(call.json ? JSON.stringify(done) : rotationText(done))
        return done.left.length === 0 ? 0 : 1
      } finally {
        await keys.close()
      }
    }),
}

export const keyRetire: Verb = {
  name: 'key retire',
  summary: 'takes an earlier master key away that wraps nothing any more',
  usage: 'crossdock key retire ID [--lost]',
  help: `Refuses while anything is still wrapped with it. From master.key it is moved into a file of its own, which opens the backups
that were made before the rotation. --lost retires a key that is gone for good: what only it opened is not readable any more.`,
  options: { lost: { type: 'boolean' } },
  run: (call) =>
    withRegister(call, async (register, ring) => {
      const id = onePositional(call, 'ID, as "crossdock key list" shows it')
      const lost = call.options['lost'] === true
      const retired = await retireMasterKey({ ring, register, actor: 'cli' }, { id, lost })
      const where = retired.aside ?? `take it out of ${ring.source.where}`
      call.out(
        call.json
          ? JSON.stringify(retired)
          : `Master key ${id} is retired${retired.aside === null ? '; ' : ', and moved to '}${where}.\nKeep it with the backups from before the rotation: only it opens them.`,
      )
      return 0
    }),
}

/** Without opening anything that is sealed: these verbs are for hubs whose keys are not in order, too. */
async function withRegister(
  call: Call,
  work: (register: MasterKeyRegister, ring: KeyRing) => Promise<number>,
): Promise<number> {
  const config = readConfig(call.env)
  const database = await openDatabase(config)
  try {
    await prepareDatabase(database.url)
    const store = openStore(database.url, { workerConnections: 3, portalConnections: 1 })
    try {
      return await work(masterKeyRegister(store), openRing(masterKeySource(config)))
    } finally {
      await store.close()
    }
  } finally {
    await database.stop()
  }
}

function isNeeded({ state, wraps }: ListedKey): boolean {
  if (state === 'retired') return false
  return state === 'current' || Object.keys(wraps).length > 0
}

function keyLine({ id, state, at, here, wraps }: ListedKey): string {
  const since = at === null ? '' : ` since ${at.toISOString()}`
  return `${id}  ${state}${since}  ${here ? 'here' : 'NOT HERE'}  wraps ${countsText(wraps)}`
}

function countsText(counts: Record<string, number>): string {
  const words = Object.entries(counts).map(([table, count]) => `${count} of ${table}`)
  return words.length === 0 ? 'nothing' : words.join(', ')
}

function rotationText({
  current,
  rewrapped,
  left,
  retirable,
}: Awaited<ReturnType<typeof rotateMasterKey>>): string {
  const lines = [`Wrapped anew with master key ${current}: ${countsText(rewrapped)}.`]
  for (const { keyId, table, count } of left)
    lines.push(
      `Still wrapped with ${keyId}: ${count} of ${table}. Run "crossdock key rotate" again, with that key here.`,
    )
  for (const id of retirable)
    lines.push(`Nothing is wrapped with ${id} any more: "crossdock key retire ${id}" takes it away.`)
  return lines.join('\n')
}
