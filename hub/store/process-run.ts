import type { TransmissionId } from '#hub/model/ids.ts'
import type { Queryable } from './connect.ts'

/** A file at work, and how far it was split when the work began; null before the first byte. */
export interface FileAtWork {
  transmissionId: TransmissionId
  splitTo: number | null
}

/**
 * Writes what this process has at work, in place of what it had before, and says how many other processes left each of
 * these files at the same place: they died with it, or are at it still. One statement for a whole batch, and none at its
 * end: what is written of work that is done is of no account, for nothing of it is due any more.
 */
export async function beginRun(
  db: Queryable,
  holder: string,
  files: readonly FileAtWork[],
): Promise<Map<TransmissionId, number>> {
  const { rows } = await db.query<{ id: TransmissionId; runs: number }>({
    name: 'process_begin_run',
    text: `with own as (
             insert into process_run (holder, transmissions, reached) values ($1, $2::uuid[], $3::bigint[])
             on conflict (holder) do update
               set transmissions = excluded.transmissions, reached = excluded.reached, at = excluded.at)
           select began.id, count(*)::int as runs
           from process_run r, unnest(r.transmissions, r.reached) as began(id, reached)
           where r.holder <> $1 and r.transmissions && $2::uuid[]
             and (began.id, began.reached) in (select * from unnest($2::uuid[], $3::bigint[]))
           group by began.id`,
    values: [
      holder,
      `{${files.map(({ transmissionId }) => transmissionId).join()}}`,
      `{${files.map(({ splitTo }) => splitTo ?? -1).join()}}`,
    ],
  })
  return new Map(rows.map(({ id, runs }) => [id, runs]))
}

/** Forgets the runs of processes that have not begun anything for so long; returns how many. */
export async function sweepRuns(db: Queryable, olderThanHours: number): Promise<number> {
  const { rowCount } = await db.query({
    name: 'process_sweep_runs',
    text: 'delete from process_run where at < now() - make_interval(hours => $1)',
    values: [olderThanHours],
  })
  return rowCount ?? 0
}
