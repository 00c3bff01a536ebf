import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addPerson } from '#portal/people/add-person.ts'
import { runCommand, type EndedCommand } from '#tests/support/command.ts'
import { agreementYaml, partiesYaml, shopOrder, startRouting, type Routing } from '#tests/support/routing.ts'

/*
 * `crossdock unrouted` and `crossdock route`, as people call them.
 */

let hub: Routing
let folder: string

beforeAll(async () => {
  hub = await startRouting(partiesYaml.replace('syntax: always }', 'syntax: always }, unroutable: hold'))
  folder = await mkdtemp(join(tmpdir(), 'crossdock-routing-verbs-'))
  const operator = { email: 'odile@hub.example', name: 'Odile', password: 'correct horse battery' }
  await addPerson(hub.database.store, { ...operator, role: 'operator' })
})
afterAll(async () => {
  await hub.close()
  await rm(folder, { recursive: true, force: true })
})

async function crossdock(...args: string[]): Promise<EndedCommand> {
  return runCommand(args, { DATABASE_URL: hub.database.url, CROSSDOCK_DATA: join(folder, 'data') })
}

test('unrouted lists a cause with what to add, and route sends what waits on its way in the name of a person', async () => {
  expect(await crossdock('unrouted')).toMatchObject({ code: 0, out: 'Nothing is without a way.\n' })
  const id = await hub.take(shopOrder('400'), 'shop/box')
  const { code, out } = await crossdock('unrouted')
  expect(code).toBe(1)
  expect(out).toContain('CD-2007')
  expect(out).toContain('order (test) from shop to mill: 1 on hold, 1 in all')
  expect(out).toContain('    agreement:\n      key: shop-mill-order-edifact-test\n')
  const cause = out.slice(0, 8)
  await hub.apply(agreementYaml('orders', 'mill'))
  const by = ['--by', 'odile@hub.example', '--reason', 'the agreement stands']
  expect((await crossdock('route', '--cause', '00000000', ...by)).code).toBe(2)
  expect((await crossdock('route', '--cause', cause, '--by', 'odile@hub.example')).code).toBe(2)
  const routed = await crossdock('route', '--cause', cause, ...by)
  expect(routed).toMatchObject({ code: 0, out: '1 document looks for a way again.\n' })
  await hub.process([id])
  const [document] = await hub.rows('select processing from document where transmission_id = $1', [id])
  expect(document).toEqual({ processing: 'processed' })
}, 240_000)
