import type { Client, Queryable } from '#hub/store/connect.ts'

/** How often the configuration has changed: whoever keeps a copy of it compares this. */
export async function configurationVersion(db: Queryable): Promise<bigint> {
  const { rows } = await db.query<{ version: string }>({
    name: 'configuration_version',
    text: 'select version from config_version',
  })
  return BigInt(rows[0]!.version)
}

/** The same, locked until the transaction ends, so that two who change the configuration do it one after the other. */
export async function lockConfiguration(client: Client): Promise<bigint> {
  const { rows } = await client.query<{ version: string }>('select version from config_version for update')
  return BigInt(rows[0]!.version)
}

/** Tells everybody who keeps a copy that it is old from this commit on. */
export async function raiseConfigurationVersion(client: Client): Promise<void> {
  await client.query('update config_version set version = version + 1')
}
