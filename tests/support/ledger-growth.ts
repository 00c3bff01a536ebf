import { hash } from 'node:crypto'
import { limits } from '#hub/base/limits.ts'
import type { NewEntry } from '#hub/model/entries.ts'
import { newId } from '#hub/model/ids.ts'
import { appendToLedger } from '#hub/ledger/append.ts'
import { readEdge } from '#hub/ledger/continuity.ts'
import type { SigningKey } from '#hub/ledger/note.ts'
import { bytesColumn, idColumn, textColumn } from '#hub/store/columns.ts'
import type { Client } from '#hub/store/connect.ts'
import { moveHead, readEpochs, readHead, type UnsequencedEntry } from '#hub/store/ledger.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import { partners, type LedgerWorld } from './ledger.ts'

const portion = 20 * limits.ledgerBatch
const spanMs = 3 * 3_600_000
const type: NewEntry['type'] = 'transmission.accepted'
const actor = 'channel:api'

/**
 * Lets a ledger that has an epoch grow by so many entries, in the sequencer's own way of giving places, but with entries
 * that are not read back and wait nowhere in between: millions in minutes.
 */
export async function growLedger({ database, keeper }: LedgerWorld, count: number): Promise<void> {
  const key = (await keeper.key({ make: false }))!
  const began = Date.now() - spanMs - 60_000
  // the trigger would put each entry among those that wait
  await database.admin.query('alter table entry disable trigger user')
  for (let done = 0; done < count; done += portion) {
    const entries = Array.from({ length: Math.min(portion, count - done) }, (_, place) =>
      made(done + place, Math.floor(began + (spanMs * (done + place)) / count)),
    ).sort((a, b) => (a.entry.id < b.entry.id ? -1 : 1))
    await insert(database, entries)
    const note = await inTransaction(database.store.worker, 'ledger.grow', (client) =>
      place(
        client,
        key,
        entries.map(({ entry }) => entry),
      ),
    )
    await keeper.keep(note)
  }
  await database.admin.query('alter table entry enable trigger user')
}

/** Gives entries their places, as many at once as the sequencer does; returns the last checkpoint. */
async function place(client: Client, key: SigningKey, entries: readonly UnsequencedEntry[]): Promise<string> {
  let note = ''
  for (let at = 0; at < entries.length; at += limits.ledgerBatch) {
    const head = (await readHead(client))!
    const epoch = (await readEpochs(client)).at(-1)!
    const edge = await readEdge(client, epoch.epoch, head.size)
    const batch = entries.slice(at, at + limits.ledgerBatch)
    const grown = await appendToLedger(client, { epoch, key, edge, size: head.size }, batch)
    const move = { token: head.token, from: head, epoch: epoch.epoch, size: grown.size }
    if (!(await moveHead(client, move))) throw new Error('another sequencer is at work')
    note = grown.note
  }
  return note
}

interface Made {
  entry: UnsequencedEntry
  body: Buffer
}

function made(number: number, ms: number): Made {
  const body = Buffer.from(`{"channel":"api","kind":"file","sizeBytes":${number}}`)
  const none = { transmission: null, document: null, delivery: null }
  return {
    body,
    entry: {
      ...none,
      id: newId(ms),
      partner: partners[number % 4] ?? null,
      type,
      actor,
      at: new Date(ms).toISOString().replace('Z', '000Z'),
      bodySha256: hash('sha256', body),
    },
  }
}

async function insert(database: LedgerWorld['database'], rows: readonly Made[]): Promise<void> {
  await database.admin.query({
    name: 'grow_ledger',
    text: `insert into entry (id, partner_id, type, actor, at, body)
           select id, partner_id, $1, $2, at::timestamptz, body
           from unnest($3::uuid[], $4::uuid[], $5::text[], $6::bytea[]) as made (id, partner_id, at, body)`,
    values: [
      type,
      actor,
      idColumn(rows, ({ entry }) => entry.id),
      idColumn(rows, ({ entry }) => entry.partner),
      textColumn(rows, ({ entry }) => entry.at),
      bytesColumn(rows, ({ body }) => body),
    ],
  })
}
