import { createHash, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import pg from 'pg'

/*
 * B1's peer, run as a program of its own: takes documents over bare node:http and commits payload, event and job
 * together with all others that wait, answering after the commit; two commits in flight. No reading, sealing, repeats or
 * log-in: what any receiver that keeps its word has to do at least. Argument: the database. Writes its address.
 */

interface Waiting {
  id: string
  bytes: Buffer
  sha256: Buffer
  done: (error?: Error) => void
}

const pool = new pg.Pool({ connectionString: process.argv[2], max: 4 })
await pool.query(`
  create table bare_payload (id uuid primary key, sha256 bytea not null, bytes bytea not null);
  create table bare_event (id bigint generated always as identity primary key, payload_id uuid not null, body jsonb not null);
  create table bare_job (id uuid primary key, name text not null, data jsonb not null, state text not null default 'created')`)

const waiting: Waiting[] = []
let running = 0

const flush = async (): Promise<void> => {
  if (running === 2 || waiting.length === 0) return
  running += 1
  const batch = waiting.splice(0, 128)
  const error = await commit(batch).then(
    () => undefined,
    (reason: Error) => reason,
  )
  for (const { done } of batch) done(error)
  running -= 1
  await flush()
}

const commit = async (batch: Waiting[]): Promise<void> => {
  const client = await pool.connect()
  const ids = batch.map(({ id }) => id)
  try {
    await client.query('begin')
    await client.query({
      name: 'payload',
      text: 'insert into bare_payload (id, sha256, bytes) select * from unnest($1::uuid[], $2::bytea[], $3::bytea[])',
      values: [ids, batch.map(({ sha256 }) => sha256), batch.map(({ bytes }) => bytes)],
    })
    await client.query({
      name: 'event',
      text: `insert into bare_event (payload_id, body) select id, '{"type":"accepted"}' from unnest($1::uuid[]) u(id)`,
      values: [ids],
    })
    await client.query({
      name: 'job',
      text: `insert into bare_job (id, name, data) select id, 'process', jsonb_build_object('id', id) from unnest($1::uuid[]) u(id)`,
      values: [ids],
    })
    await client.query('commit')
  } finally {
    client.release()
  }
}

const server = createServer({ noDelay: true }, (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const bytes = Buffer.concat(chunks)
    const id = randomUUID()
    const done = (error?: Error): void => {
      response.writeHead(error === undefined ? 202 : 500, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ id }))
    }
    waiting.push({ id, bytes, sha256: createHash('sha256').update(bytes).digest(), done })
    void flush()
  })
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.stdout.write(`${JSON.stringify({ http: `http://127.0.0.1:${port}` })}\n`)
})
