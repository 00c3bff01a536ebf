import type { Queryable } from '#hub/store/connect.ts'

/** How often the configuration has changed: whoever keeps a copy of it compares this. */
export async function configurationVersion(db: Queryable): Promise<bigint> {
  const { rows } = await db.query<{ version: string }>({
    name: 'configuration_version',
    text: 'select version from config_version',
  })
  return BigInt(rows[0]!.version)
}
