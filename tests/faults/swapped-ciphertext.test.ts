import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { runCommand, signIn } from '../support/command.ts'
import { startHubProcess, type HubProcess } from '../support/hub-process.ts'
import { until } from '../support/poll.ts'
import { setScene, type Scene } from './scene.ts'

/*
 * SECURITY §1.8: whoever can write to the database, but lacks the master key, swaps what is sealed. The hub is a real process.
 */
const person = { email: 'operator@example.com', password: 'operator-password-1' }

let folder: string
let database: TestDatabase
let scene: Scene
let order: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossdock-swapped-'))
  database = await testDatabase()
  scene = await setScene(database.store, folder)
  order = await readFile(new URL('../../hub/cli/demo/samples/order-347.json', import.meta.url), 'utf8')
})
afterAll(async () => {
  await scene.close()
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

async function withHub(role: string, work: (hub: HubProcess) => Promise<void>): Promise<void> {
  const hub = await startHubProcess({ databaseUrl: database.url, dataFolder: folder, role })
  try {
    await work(hub)
  } finally {
    await hub.stop()
  }
}

test(
  'sealed bytes that were swapped between two documents are refused: both say so, their neighbours pass, nothing is shown',
  { timeout: 180_000 },
  async () => {
    const posted: string[] = []
    await withHub('gateway', async (hub) => {
      for (const number of ['501', '502', '503', '504']) posted.push(await post(hub, number))
    })
    // content with its own key, as it stands, in the other's row
    await database.admin.query(
      `update payload p set wrapped_key = o.wrapped_key, bytes = o.bytes
       from payload o, transmission a, transmission b
       where p.id = a.raw_id and o.id = b.raw_id
         and ((a.id = $1 and b.id = $2) or (a.id = $2 and b.id = $1))`,
      [posted[1], posted[2]],
    )
    await withHub('all', async (hub) => {
      await until('all are done', async () => ((await states()).every(isDone) ? true : null), 60_000)
      expect(await states()).toEqual([
        { number: '501', processing: 'processed', code: null, type: 'order' },
        { number: null, processing: 'rejected', code: 'CD-9004', type: 'unread' },
        { number: null, processing: 'rejected', code: 'CD-9004', type: 'unread' },
        { number: '504', processing: 'processed', code: null, type: 'order' },
      ])
      const delivered = await until('neighbours are delivered', async () => {
        const { rows } = await database.admin.query(
          `select from delivery where state in ('pending', 'delivered')`,
        )
        return rows.length === 2 ? rows.length : null
      })
      expect(delivered).toBe(2)
      await sayWhatHappened(hub, posted)
      expect(await post(hub, '505')).toMatch(/^[0-9a-f-]{36}$/)
      expect(hub.child.exitCode).toBeNull()
    })
  },
)

/** The document's page has the code and the remedy; the content is given to nobody, and the log names the payload. */
async function sayWhatHappened(hub: HubProcess, posted: string[]): Promise<void> {
  const added = await runCommand(['user', 'add', person.email, '--name', 'Operator', '--role', 'operator'], {
    DATABASE_URL: database.url,
    CROSSDOCK_DATA: folder,
    CROSSDOCK_PASSWORD: person.password,
  })
  expect(added.code).toBe(0)
  const cookie = await signIn(hub.http, person.email, person.password)
  const { rows } = await database.admin.query<{ id: string }>(
    `select id from document where transmission_id = $1`,
    [posted[1]],
  )
  const get = async (path: string) => {
    const response = await fetch(`${hub.http}${path}`, { headers: { cookie, accept: 'text/html' } })
    return { status: response.status, text: await response.text() }
  }
  const page = await get(`/p/documents/${rows[0]!.id}`)
  expect(page.status).toBe(200)
  expect(page.text).toContain('CD-9004')
  expect(page.text).toContain('The operator restores the payload from the backup')
  for (const exchange of [posted[1], posted[2]]) {
    const raw = await get(`/p/exchanges/${exchange}/raw`)
    expect(raw.status).toBe(500)
    expect(raw.text).toContain('CD-9004')
    expect(raw.text).not.toContain('Maison Verdier')
  }
  const good = await get(`/p/exchanges/${posted[0]}/raw`)
  expect([good.status, good.text]).toEqual([200, order.replaceAll('347', '501')])
}

async function post(hub: HubProcess, number: string): Promise<string> {
  const response = await fetch(`${hub.http}/v1/documents`, {
    method: 'POST',
    headers: { authorization: `Bearer ${scene.token}`, 'idempotency-key': `swap-${number}` },
    body: order.replaceAll('347', number),
  })
  expect(response.status).toBe(202)
  return response.headers.get('location')!.split('/').at(-1)!
}

interface State {
  number: string | null
  processing: string
  code: string | null
  type: string
}

function isDone({ processing }: State): boolean {
  return processing !== 'waiting'
}

async function states(): Promise<State[]> {
  const { rows } = await database.admin.query<State>(
    `select d.number, d.processing, d.code, d.type from transmission t left join document d on d.transmission_id = t.id
     where t.direction = 'in' order by t.id`,
  )
  return rows.map((row) => ({ ...row, processing: row.processing ?? 'waiting' }))
}
