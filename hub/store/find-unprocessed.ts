import type { Queryable } from './connect.ts'

/** Accepted files of the last day that came to nothing yet: no worker has looked at them. */
export async function countUnprocessed(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ files: number }>(
    `select count(*)::int as files from transmission t
     where t.id >= id_floor(now() - interval '1 day') and t.direction = 'in' and t.state = 'accepted' and t.kind = 'file'
       and t.duplicate_of is null and not exists (select from document d where d.transmission_id = t.id)`,
  )
  return rows[0]!.files
}
