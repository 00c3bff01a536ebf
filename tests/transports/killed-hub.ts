/**
 * A hub of its own process that begins one attempt, says so on its standard output and never ends it: the test kills it there.
 * Arguments: database URL, master key, delivery id.
 */
import { tmpdir } from 'node:os'
import { openSealer } from '#hub/keys/sealing.ts'
import { asId, type DeliveryId } from '#hub/model/ids.ts'
import { openStore } from '#hub/store/connect.ts'
import { createTestTransport } from './test-transport.ts'
import { deliverOn } from './world.ts'

const [url, masterKey, deliveryId] = process.argv.slice(2) as [string, string, string]
const store = openStore(url, { workerConnections: 4 })
const sealer = await openSealer({ masterKey, dataFolder: tmpdir() })
const transport = createTestTransport(async (delivery) => {
  process.stdout.write(`${JSON.stringify({ wireId: delivery.wireId, sent: transport.seen })}\n`)
  return await new Promise<never>(() => {})
})
await deliverOn({ store, sealer }, transport).deliver([asId<DeliveryId>(deliveryId)])
setInterval(() => {}, 60_000)
