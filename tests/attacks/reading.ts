import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { PgBoss } from 'pg-boss'
import { systemClock } from '#hub/base/clock.ts'
import { createLog } from '#hub/base/log.ts'
import { detectFormat, formats } from '#hub/formats/index.ts'
import { openSealer } from '#hub/keys/sealing.ts'
import type { Finding } from '#hub/model/findings.ts'
import type { PayloadId, TransmissionId } from '#hub/model/ids.ts'
import type { Channel } from '#hub/model/transport.ts'
import { createProcess } from '#hub/pipeline/process/index.ts'
import { createReceive } from '#hub/pipeline/receive/index.ts'
import { jobQueue } from '#hub/queue/boss.ts'
import { readSmallPayloads } from '#hub/store/payload.ts'
import { libraryMappings } from '#mappings/engine/index.ts'
import { applyConfiguration } from '#partners/apply.ts'
import { createAgreements } from '#partners/resolver.ts'
import { testDatabase } from '../support/database.ts'
import { arenaConfiguration } from './configuration.ts'

/**
 * The arena's partners with the real `receive` and `process` on a database of the test's own, without doors and processes
 * between: for thousands of files.
 */
export interface Reading {
  /** Takes files in and processes them in batches; what came of each, in order. */
  read(files: readonly Buffer[]): Promise<Read[]>
  close(): Promise<void>
}

/** What came of one file. */
export interface Read {
  documents: ReadDocument[]
}

export interface ReadDocument {
  type: string
  processing: string
  /** Stable, e.g. `CD-2003`. */
  code: string | null
  stoppedAt: string | null
  interchange: number | null
  findings: Finding[]
}

/** Files that one worker takes at once. */
const batchFiles = 250

export async function openReading(): Promise<Reading> {
  const database = await testDatabase()
  const { store, admin } = database
  const sealer = await openSealer({ masterKey: randomBytes(32).toString('base64'), dataFolder: tmpdir() })
  const files = [{ path: 'arena.yaml', text: arenaConfiguration() }]
  await applyConfiguration({ store, sealer }, files, { actor: 'cli' })
  const boss = new PgBoss({
    connectionString: database.url,
    options: '-c role=crossdock_worker',
    supervise: false,
    schedule: false,
    max: 2,
    createSchema: false,
  })
  await boss.start()
  const log = createLog(process.env['CROSSDOCK_TEST_LOG'] ?? 'silent')
  const deps = { store, sealer, queue: jobQueue(boss), clock: systemClock, log }
  const agreements = createAgreements(store)
  const receiver = createReceive(deps)
  const worker = createProcess({ ...deps, agreements, mappings: libraryMappings, formats, detectFormat })
  const { rows } = await admin.query<{ id: Channel['id'] }>(
    `select c.id from channel c join partner p on p.id = c.partner_id where p.key = 'attacker' and c.key = 'api'`,
  )
  const channel = (await agreements.channel(rows[0]!.id))!

  const receiveOne = async (bytes: Buffer): Promise<TransmissionId> => {
    const received = await receiver.receive({
      channel,
      kind: 'file',
      name: null,
      mediaType: null,
      body: inOnePiece(bytes),
      lengthHint: bytes.length,
      once: null,
      evidence: {},
    })
    if (received.kind !== 'accepted') throw new Error(`not taken: ${received.kind}`)
    return received.transmissionId
  }

  const resultsOf = async (ids: readonly TransmissionId[]): Promise<Read[]> => {
    const found = await admin.query<Row>(
      `select d.transmission_id, d.type, d.processing, d.code, d.stopped_at, d.findings_id, i.position as interchange
       from document d left join interchange i on i.id = d.interchange_id
       where d.transmission_id = any($1::uuid[]) order by i.position, d.position`,
      [ids],
    )
    const kept = await readSmallPayloads(
      store.worker,
      sealer,
      found.rows.flatMap(({ findings_id }) => findings_id ?? []),
    )
    const byFile = new Map<string, ReadDocument[]>(ids.map((id) => [id, []]))
    for (const row of found.rows) {
      const findings = row.findings_id === null ? undefined : kept.get(row.findings_id)
      byFile.get(row.transmission_id)!.push({
        type: row.type,
        processing: row.processing,
        code: row.code,
        stoppedAt: row.stopped_at,
        interchange: row.interchange,
        findings: findings === undefined ? [] : (JSON.parse(findings.toString()) as Finding[]),
      })
    }
    return ids.map((id) => ({ documents: byFile.get(id)! }))
  }

  return {
    read: async (all) => {
      const results: Read[] = []
      for (let at = 0; at < all.length; at += batchFiles) {
        const ids = await Promise.all(all.slice(at, at + batchFiles).map(receiveOne))
        await worker.process(ids)
        results.push(...(await resultsOf(ids)))
      }
      return results
    },
    close: async () => {
      agreements.close()
      await receiver.close()
      await boss.stop({ graceful: false })
      await database.drop()
    },
  }
}

interface Row {
  transmission_id: string
  type: string
  processing: string
  code: string | null
  stopped_at: string | null
  findings_id: PayloadId | null
  interchange: number | null
}

async function* inOnePiece(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}
