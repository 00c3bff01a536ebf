/** A sequencer in a process of its own, which a fault point kills or stops. Arguments: database URL, data folder. */
import { enableFaults } from '#hub/base/fault.ts'
import { createLog } from '#hub/base/log.ts'
import { openStore } from '#hub/store/connect.ts'
import { openKeeper } from '#hub/ledger/keeper.ts'
import { createSequencer } from '#hub/ledger/sequence.ts'

const [url, dataFolder] = process.argv.slice(2) as [string, string]
enableFaults(process.env)
const store = openStore(url, { workerConnections: 2 })
const keeper = openKeeper({ ledgerKey: null, dataFolder })
const sequencer = createSequencer({ store, keeper, log: createLog('silent') })
await sequencer.runOnce()
await sequencer.stop()
await store.close()
