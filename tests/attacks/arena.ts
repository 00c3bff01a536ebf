import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import SftpClient from 'ssh2-sftp-client'
import { request } from 'undici'
import { openSealer, type Sealer } from '#hub/keys/sealing.ts'
import type { Finding } from '#hub/model/findings.ts'
import type { PayloadId } from '#hub/model/ids.ts'
import { readPayload } from '#hub/store/payload.ts'
import { applyConfiguration } from '#partners/apply.ts'
import { addCredential } from '#partners/credentials.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { startHubProcess, type HubProcess } from '../support/hub-process.ts'
import { until } from '../support/poll.ts'
import { forgetPeak, residentMiB } from '../support/resident.ts'
import { arenaConfiguration } from './configuration.ts'
import { goodOrder, mallory, neighbour } from './orders.ts'

/**
 * A hub in a process of its own with a partner that attacks it, a neighbour that has nothing to do with it, and a supplier to
 * whom both send orders in three formats. What is seen is what partners see; findings are read as the hub keeps them.
 */
export interface Arena {
  /** The process that runs now. */
  readonly hub: HubProcess
  database: TestDatabase
  /** Opens what the hub sealed. */
  sealer: Sealer
  /** The attacker's. */
  token: string
  /** Posts to /v1/documents. */
  post(body: Buffer | Readable, options?: Posting): Promise<Answer>
  /** Puts files into the mailbox of the attacker over one SFTP session; one text for each: OK, or the status message. */
  upload(files: readonly { name: string; bytes: Buffer | Readable }[]): Promise<string[]>
  /** What came of an exchange, once all of it was looked at. */
  outcome(exchange: string, mostMs?: number): Promise<Outcome>
  /** Posts and waits for what comes of it; 202 is expected. */
  attack(body: Buffer | Readable, mostMs?: number): Promise<Outcome>
  /** What came to the outbox of the attacker, or of the supplier, and holds this text; waits for it. */
  collected(who: 'attacker' | 'supplier', holding: string): Promise<string>
  /** Texts of all that came to the outbox of one of them so far. */
  outbox(who: 'attacker' | 'supplier'): Promise<readonly string[]>
  /** Since the last call: the longest pause of the hub's event loop, and the peak of its memory (null where it is not told). */
  vitals(): Promise<{ lagMs: number; peakMiB: number | null }>
  /** Whether a good order of the neighbour, and one of the attacker, still reach the supplier. Throws if not. */
  expectAlive(): Promise<void>
  /** Ends the process without a word, and starts another on the same database. */
  killAndRestart(): Promise<void>
  close(): Promise<void>
}

export interface Posting {
  from?: 'attacker' | 'neighbour'
  key?: string
  headers?: Record<string, string>
}

export interface Answer {
  status: number
  /** The answer's JSON; an empty object where there is none. */
  body: Record<string, unknown>
  /** Where what comes of it is seen; null where nothing was taken. */
  exchange: string | null
}

export interface Outcome {
  documents: { id: string; type: string; format: string | null; processing: string; code: string | null }[]
  /** Of all documents, in order. */
  findings: Finding[]
}

/** Starts a hub of the test's own; `limits` as in CROSSDOCK_LIMITS. */
export async function openArena(
  options: { limits?: string; env?: Record<string, string> } = {},
): Promise<Arena> {
  const database = await testDatabase()
  const dataFolder = await mkdtemp(join(tmpdir(), 'crossdock-arena-'))
  const sealer = await openSealer({ masterKey: null, dataFolder })
  const { store, admin } = database
  await applyConfiguration({ store, sealer }, [{ path: 'arena.yaml', text: arenaConfiguration() }], {
    actor: 'cli',
  })
  const tokenOf = async (partnerKey: string): Promise<string> =>
    (await addCredential(store, { partnerKey, channelKey: 'api', name: 'arena', actor: 'cli' })).token
  const tokens = { attacker: await tokenOf('attacker'), neighbour: await tokenOf('neighbour') }
  const start = (): Promise<HubProcess> =>
    startHubProcess({
      databaseUrl: database.url,
      dataFolder,
      env: { CROSSDOCK_LOG_LEVEL: 'warn', CROSSDOCK_LIMITS: options.limits ?? '', ...options.env },
    })
  let hub = await start()
  let keys = 0

  const post: Arena['post'] = async (body, { from = 'attacker', key, headers = {} } = {}) => {
    const answer = await request(`${hub.http}/v1/documents`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${tokens[from]}`,
        'idempotency-key': key ?? `arena-${++keys}`,
        ...headers,
      },
      body,
      bodyTimeout: 0,
      headersTimeout: 0,
    })
    const text = await answer.body.text()
    const json = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>
    const { exchange } = (json['links'] ?? {}) as { exchange?: string }
    return { status: answer.statusCode, body: json, exchange: exchange?.split('/').at(-1) ?? null }
  }

  const outcome: Arena['outcome'] = async (exchange, mostMs) => {
    await until(`exchange ${exchange} was looked at`, () => isDone(database, exchange), mostMs)
    const { body } = await request(`${hub.http}/v1/exchanges/${exchange}`, {
      headers: { authorization: `Bearer ${tokens.attacker}` },
    })
    const { documents } = (await body.json()) as { documents: SeenDocument[] }
    const findings: Finding[] = []
    const kept = await admin.query<{ findings_id: PayloadId }>(
      'select findings_id from document where transmission_id = $1 and findings_id is not null order by position',
      [exchange],
    )
    for (const row of kept.rows)
      findings.push(
        ...(JSON.parse((await readPayload(store.worker, sealer, row.findings_id)).toString()) as Finding[]),
      )
    const seen = documents.map(({ id, type, format, processing }) => ({
      id,
      type,
      format,
      processing: processing.state,
      code: processing.code,
    }))
    return { documents: seen, findings }
  }

  const attack: Arena['attack'] = async (body, mostMs) => {
    const answer = await post(body)
    if (answer.status !== 202)
      throw new Error(`answered with ${answer.status}: ${JSON.stringify(answer.body)}`)
    return outcome(answer.exchange!, mostMs)
  }

  // reading a file collects it
  const cameTo = { attacker: [] as string[], supplier: [] as string[] }
  const outbox: Arena['outbox'] = async (who) => {
    cameTo[who].push(...(await collect(hub, who)))
    return cameTo[who]
  }

  let good = 0
  const expectDelivered = async (from: 'attacker' | 'neighbour'): Promise<void> => {
    const number = `GOOD-${++good}`
    const { status, exchange } = await post(
      goodOrder('json', number, from === 'attacker' ? mallory : neighbour),
      {
        from,
      },
    )
    if (status !== 202) throw new Error(`a good order of the ${from} was answered with ${status}`)
    await until(
      `a good order of the ${from} lies ready for the supplier`,
      async () => {
        const { rows } = await admin.query(
          `select 1 from document where transmission_id = $1 and processing = 'processed'
             and delivery in ('pending', 'delivered')`,
          [exchange],
        )
        return rows.length === 1 ? true : null
      },
      60_000,
    )
  }

  return {
    get hub() {
      return hub
    },
    database,
    sealer,
    token: tokens.attacker,
    post,
    upload: (files) => uploadAll(hub, files),
    outcome,
    attack,
    outbox,
    collected: (who, holding) =>
      until(`something with ${holding} in the outbox of ${who}`, async () => {
        const texts = await outbox(who)
        return texts.find((text) => text.includes(holding)) ?? null
      }),
    vitals: () => vitalsOf(hub),
    expectAlive: async () => {
      await Promise.all([expectDelivered('neighbour'), expectDelivered('attacker')])
      if (hub.child.exitCode !== null) throw new Error(`the hub has ended:\n${hub.log()}`)
    },
    killAndRestart: async () => {
      hub.child.kill('SIGKILL')
      await hub.ended
      hub = await start()
    },
    close: async () => {
      await hub.stop()
      await database.drop()
      await rm(dataFolder, { recursive: true, force: true })
    },
  }
}

interface SeenDocument {
  id: string
  type: string
  format: string | null
  processing: { state: string; code: string | null }
}

/** Whether a file was split to its end and none of its documents waits. */
async function isDone({ admin }: TestDatabase, exchange: string): Promise<true | null> {
  const { rows } = await admin.query<{ done: boolean }>(
    `select t.split_to >= p.size_bytes and not exists (
       select from document d where d.transmission_id = t.id and d.processing in ('received', 'waiting')) as done
     from transmission t join payload p on p.id = coalesce(t.opened_id, t.raw_id) where t.id = $1`,
    [exchange],
  )
  return rows[0]?.done === true ? true : null
}

async function vitalsOf(hub: HubProcess): Promise<{ lagMs: number; peakMiB: number | null }> {
  const pid = hub.child.pid!
  const peakMiB = residentMiB(pid)?.peak ?? null
  forgetPeak(pid)
  const { body } = await request(`${hub.http}/metrics`)
  const lag = /^nodejs_eventloop_lag_max_seconds (\S+)/m.exec(await body.text())?.[1]
  return { lagMs: Number(lag) * 1000, peakMiB }
}

async function withSftp<Result>(
  hub: HubProcess,
  username: string,
  work: (client: SftpClient) => Promise<Result>,
): Promise<Result> {
  const client = new SftpClient('arena', { error: () => {}, end: () => {}, close: () => {} })
  const password = `${username}-password-1`
  // without Nagle's delay, as OpenSSH's client does
  const sock = connect({ host: '127.0.0.1', port: hub.sftpPort, noDelay: true })
  await client.connect({ sock, username, password, readyTimeout: 20_000 })
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

function uploadAll(
  hub: HubProcess,
  files: readonly { name: string; bytes: Buffer | Readable }[],
): Promise<string[]> {
  return withSftp(hub, 'attacker', async (client) => {
    const said: string[] = []
    for (const { name, bytes } of files)
      said.push(
        await client.put(bytes, `/inbox/${name}`).then(
          () => 'OK',
          (error: Error) => error.message,
        ),
      )
    return said
  })
}

function collect(hub: HubProcess, who: 'attacker' | 'supplier'): Promise<string[]> {
  return withSftp(hub, who, async (client) => {
    const texts: string[] = []
    for (const { name } of await client.list('/outbox'))
      texts.push(((await client.get(`/outbox/${name}`)) as Buffer).toString('latin1'))
    return texts
  })
}
