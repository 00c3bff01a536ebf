import type pg from 'pg'
import { limits } from '#hub/base/limits.ts'
import { codes } from '#hub/model/codes/index.ts'
import type { Examined } from './examine.ts'

/** What `doctor` says of the work in a database: what waits for whom, and what lies about. The client acts as the worker's role. */
export async function examineWork(client: pg.Client): Promise<Examined[]> {
  return [
    await waitingForPerson(client),
    await outboxes(client),
    await orphans(client),
    await expiredOnce(client),
  ]
}

/** What waits for a person: not a fault of the installation, but what the operator asks next. */
async function waitingForPerson(client: pg.Client): Promise<Examined> {
  const { rows } = await client.query<{ held: number; overdue: number; refused: number }>(
    `select (select count(*)::int from hold where decision is null) as held,
            (select count(*)::int from acknowledgement where state = 'waiting' and due_at < now()) as overdue,
            (select count(*)::int from delivery where state = 'refused') as refused`,
  )
  const { held, overdue, refused } = rows[0]!
  const found = `${held} on hold, ${refused} refused, ${overdue} acknowledgements overdue`
  return { name: 'waiting for a person', good: true, found, remedy: null }
}

/** Files that partners should have collected from their mailboxes by now. */
async function outboxes(client: pg.Client): Promise<Examined> {
  const { rows } = await client.query<{ channel: string; files: number; since: Date }>(
    `select p.key || '/' || c.key as channel, count(*)::int as files, min(d.due_at) as since
     from delivery d join channel c on c.id = d.channel_id join partner p on p.id = c.partner_id
     where d.state = 'pending' and d.due_at < now() and c.kind = 'mailbox'
     group by 1 order by 3 limit 20`,
  )
  const boxes = rows.map(
    ({ channel, files, since }) => `${channel} (${files}, the first since ${since.toISOString()})`,
  )
  return {
    name: 'outboxes',
    good: boxes.length === 0,
    found: boxes.length === 0 ? 'nothing in them is overdue' : `not collected in time: ${boxes.join(', ')}`,
    ...(boxes.length === 0
      ? { remedy: null }
      : {
          code: codes.notCollected.code,
          remedy: 'Ask the partner to collect its files; they stay until then.',
        }),
  }
}

/** Parts of uploads that came to nothing: the worker removes them a day later. */
async function orphans(client: pg.Client): Promise<Examined> {
  const { rows } = await client.query<{ payloads: number }>(
    `select count(distinct c.payload_id)::int as payloads from payload_chunk c
     where c.payload_id < id_floor(now() - make_interval(hours => $1))
       and not exists (select from payload p where p.id = c.payload_id)`,
    [2 * limits.orphanChunkHours],
  )
  const { payloads } = rows[0]!
  return {
    name: 'orphans',
    good: payloads === 0,
    found: payloads === 0 ? 'none' : `parts of ${payloads} uploads that were never completed`,
    remedy: payloads === 0 ? null : 'Start a worker: it removes them within the hour.',
  }
}

/** Names and keys that may be used again: the worker forgets them within the hour. */
async function expiredOnce(client: pg.Client): Promise<Examined> {
  const { rows } = await client.query<{ expired: number }>(
    `select count(*)::int as expired from once where expires_at < now() - interval '2 hours'`,
  )
  const { expired } = rows[0]!
  const good = expired <= limits.doctorExpiredOnce
  return {
    name: 'expired once',
    good,
    found: `${expired} ${expired === 1 ? 'row' : 'rows'}`,
    remedy: good ? null : 'They only take space. Start a worker: it removes them, a part each hour.',
  }
}
