import type { PersonId } from '#hub/model/ids.ts'
import type { Client, Queryable } from '#hub/store/connect.ts'

/** What people of the hub decided for the whole of it, or null. */
export async function hubSetting(db: Queryable, name: string): Promise<string | null> {
  const { rows } = await db.query<{ value: string }>('select value from hub_setting where name = $1', [name])
  return rows[0]?.value ?? null
}

export async function setHubSetting(
  client: Client,
  setting: { name: string; value: string; by: PersonId },
): Promise<void> {
  const { name, value, by } = setting
  await client.query(
    `insert into hub_setting (name, value, set_by) values ($1, $2, $3)
     on conflict (name) do update set value = excluded.value, set_by = excluded.set_by, set_at = now()`,
    [name, value, by],
  )
}
