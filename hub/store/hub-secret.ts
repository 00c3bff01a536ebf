import type { Sealer } from '#hub/model/sealing.ts'
import type { Store } from './connect.ts'

/**
 * A secret of the hub itself that all its nodes share, such as the SFTP server's host key: made on first use by the
 * first node that asks, sealed, and the same for ever after. Returns its bytes.
 */
export async function hubSecret(
  store: Store,
  sealer: Sealer,
  name: string,
  make: () => Buffer,
): Promise<Buffer> {
  const known = await read(store, sealer, name)
  if (known !== null) return known
  const sealed = sealer.seal(`hub-secret|${name}`, make())
  await store.worker.query(
    `insert into hub_secret (name, wrapped_key, sealed) values ($1, $2, $3) on conflict (name) do nothing`,
    [name, sealed.wrappedKey, sealed.bytes],
  )
  return (await read(store, sealer, name))!
}

async function read(store: Store, sealer: Sealer, name: string): Promise<Buffer | null> {
  const { rows } = await store.worker.query<{ wrapped_key: Buffer; sealed: Buffer }>(
    `select wrapped_key, sealed from hub_secret where name = $1`,
    [name],
  )
  const row = rows[0]
  if (row === undefined) return null
  return sealer.open(`hub-secret|${name}`, { wrappedKey: row.wrapped_key, bytes: row.sealed })
}
