import { afterEach, beforeEach, expect, test } from 'vitest'
import { readPayload } from '#hub/store/payload.ts'
import type { PayloadId } from '#hub/model/ids.ts'
import { measured } from './checker.ts'
import { collectUntilDone } from './exchange.ts'
import { sha256Of, type Order } from './orders.ts'
import { post } from './scene.ts'
import { setStage, type Stage } from './stage.ts'

let stage: Stage

beforeEach(async () => {
  stage = await setStage()
})
afterEach(async () => {
  await stage.close()
})

test(
  'R11 an order that kills the process whenever it is computed is given up after three deaths, with its bytes kept, and its neighbours arrive',
  { timeout: 300_000 },
  async () => {
    const [poison, ...neighbours] = stage.orders(7, 'xml') as [Order, ...Order[]]
    const env = { CROSSDOCK_FAULT: `process:compute@${poison.sha256}:1:kill` }
    // taken in while nothing processes, so that all of them are one batch
    const gateway = await stage.start({}, { role: 'gateway' })
    const said = await Promise.all(
      [poison, ...neighbours].map((order) => post(gateway, stage.scene.token, order)),
    )
    expect(said.map(({ status }) => status)).toEqual(said.map(() => 202))
    await gateway.stop()
    let deaths = 0
    for (;;) {
      // it may die before it listens
      const hub = await stage.start(env).catch(() => null)
      const living =
        hub !== null &&
        (await Promise.race([
          collectUntilDone(hub, stage.scene, { admin: stage.admin, documents: 7, mostMs: 120_000 }).then(
            () => true,
          ),
          hub.ended.then(() => false),
        ]))
      if (living && hub.child.signalCode === null) break
      deaths += 1
      if (deaths > 5) break
    }
    expect(deaths).toBe(3)
    for (const order of neighbours) stage.accepted.add(order)
    expect(await stage.wrongs()).toEqual([])
    const { rows } = await stage.admin.query<{
      type: string
      processing: string
      code: string
      raw_id: PayloadId
    }>(
      `select d.type, d.processing, d.code, t.raw_id from document d
       join transmission t on t.id = d.transmission_id where d.processing <> 'processed'`,
    )
    expect(rows).toEqual([
      { type: 'unread', processing: 'rejected', code: 'CD-2014', raw_id: expect.anything() },
    ])
    const kept = await readPayload(stage.store.worker, stage.scene.sealer, rows[0]!.raw_id)
    expect(sha256Of(kept)).toBe(poison.sha256)
  },
)

test(
  'R11 files made to break readers each end as a document with a reason, at the first attempt, and the orders between them arrive',
  { timeout: 300_000 },
  async () => {
    const hub = await stage.start()
    const poisons = poisonous()
    const orders = stage.orders(9)
    const sending = stage.exchange(hub, orders)
    const taken = await Promise.all(
      poisons.map(([name, bytes]) =>
        post(hub, stage.scene.token, { name, bytes, sha256: sha256Of(bytes), serial: '0', kind: 'xml' }),
      ),
    )
    expect(taken.map(({ status }, place) => `${poisons[place]![0]} ${status}`)).toEqual(
      poisons.map(([name]) => `${name} 202`),
    )
    await sending
    await collectUntilDone(hub, stage.scene, {
      admin: stage.admin,
      documents: 9 + poisons.length,
      mostMs: 120_000,
    })
    expect(await stage.wrongs()).toEqual([])
    const { rows } = await stage.admin.query<{
      key: string
      processing: string
      code: string | null
      n: number
    }>(
      `select convert_from(o.key, 'UTF8') as key, d.processing, d.code, count(*)::int as n
       from once o join document d on d.transmission_id = o.owner_id
       where o.scope like 'https:%' and convert_from(o.key, 'UTF8') like 'poison%'
       group by 1, 2, 3 order by 1`,
    )
    expect(rows.map(({ key }) => key)).toEqual(poisons.map(([name]) => name).toSorted())
    for (const row of rows) expect(row, row.key).toMatchObject({ processing: 'rejected', code: /^CD-[1-5]/ })
    expect(hub.child.exitCode).toBeNull()
    const { residentBytes } = await measured(hub.http)
    expect(residentBytes).toBeLessThan(600 * 1024 * 1024)
    const jobs = await stage.admin.query<{ tries: number }>(
      `select coalesce(max(retry_count), 0)::int as tries from pgboss.job where name = 'process'`,
    )
    expect(jobs.rows[0]!.tries).toBe(0)
  },
)

/** What readers break at: NUL, depth, width, references, halves of characters, names of prototypes. */
function poisonous(): [name: string, bytes: Buffer][] {
  const edifact = (body: string) =>
    `UNB+UNOC:3+3012345000017:14+5412345000013:14+261119:0915+PZ${body.length}++ORDERS'UNH+1+ORDERS:D:96A:UN:EAN008'${body}UNT+3+1'UNZ+1+PZ${body.length}'`
  const xml = (body: string, head = '') =>
    `<?xml version="1.0"?>${head}<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2">${body}</Order>`
  const deep = 200_000
  const texts: Record<string, string> = {
    'edifact-nul': edifact(`BGM+220+1\u00002+9'`),
    'edifact-wide': edifact(`BGM${'+1'.repeat(100_000)}'`),
    'edifact-components': edifact(`BGM+${'a:'.repeat(50_000)}'`),
    'edifact-one-segment': edifact(`FTX+AAI+++${'x'.repeat(900_000)}'`),
    'edifact-releases': edifact(`FTX+AAI+++${'?'.repeat(400_001)}'`),
    'edifact-empty-segments': edifact(`'`.repeat(500_000)),
    'xml-nul': xml('<ID>1\u00002</ID>'),
    'xml-deep': xml('<a>'.repeat(deep)),
    'xml-attributes': xml(`<a ${Array.from({ length: 50_000 }, (_, n) => `a${n}="1"`).join(' ')}/>`),
    'xml-laughs': xml('&z;', `<!DOCTYPE x [<!ENTITY a "ha">${'<!ENTITY z "&a;&a;&a;&a;&a;&a;&a;&a;">'}]>`),
    'xml-references': xml(`<a>${'&#65;'.repeat(180_000)}</a>`),
    'xml-name': xml(`<${'n'.repeat(500_000)}/>`),
    'json-nul': `{"type":"order","version":"1","id":"1\\u00002"}`,
    'json-deep': `{"type":"order","version":"1","id":${'['.repeat(deep)}`,
    'json-wide': `{"type":"order","version":"1","orderLine":[${'{},'.repeat(300_000)}{}]}`,
    'json-number': `{"type":"order","version":"1","id":1e${'9'.repeat(100_000)}}`,
    'json-prototype': `{"type":"order","version":"1","__proto__":{"id":"1"},"constructor":{"prototype":1}}`,
    'json-surrogate': `{"type":"order","version":"1","id":"\\ud800","note":["\\udfff"]}`,
    'json-members': `{"type":"order",${Array.from({ length: 60_000 }, (_, n) => `"m${n}":1`).join()}}`,
  }
  return Object.entries(texts).map(([name, text]) => [`poison-${name}`, Buffer.from(text)])
}
