import type { Store } from '#hub/store/connect.ts'
import { appendEntries } from '#hub/store/entry.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import { insertMapping, setMappingState, type MappingRow } from './mapping.ts'

/** Puts a version in the place of the one that goes on from an older base; false where somebody else was faster. */
export async function replaceVersion(
  store: Store,
  { was, now, actor, sha256 }: { was: MappingRow; now: MappingRow; actor: string; sha256: string },
): Promise<boolean> {
  return inTransaction(store.worker, 'mapping.rebase', async (client) => {
    await client.query('select version from config_version for update')
    const { rows } = await client.query<{ newest: number }>(
      'select max(version) as newest from mapping where key = $1',
      [was.key],
    )
    if (rows[0]?.newest !== now.version - 1) return false
    await setMappingState(client, was.key, [was.version], 'retired')
    await insertMapping(client, now)
    await appendEntries(client, [
      {
        type: 'config.applied',
        partnerId: null,
        actor,
        body: { kind: 'mapping', key: now.key, version: now.version, sha256 },
      },
    ])
    await client.query('update config_version set version = version + 1')
    return true
  })
}
