import { readConfig } from '#hub/base/config.ts'
import { beginEpoch } from '#hub/ledger/epoch.ts'
import { openKeeper } from '#hub/ledger/keeper.ts'
import { withTools } from '#hub/tools.ts'
import { textOption, UsageError, type Verb } from './verb.ts'

export const ledgerEpoch: Verb = {
  name: 'ledger epoch',
  summary: 'begins a new epoch of the ledger, after a restored backup or a lost key',
  usage: 'crossdock ledger epoch --new [--reason TEXT]',
  help: `A database that was restored from an older backup has fewer entries than were signed: the hub then signs nothing more
(CD-9010). A new epoch is a new tree under a new name whose first entry carries the checkpoint that was signed last, so that
what was lost is said and not hidden. Nothing is lost by it; do it once, after the restore, with the data folder in which
ledger.key and ledger.checkpoint are.`,
  options: { new: { type: 'boolean' }, reason: { type: 'string' } },
  run: async (call) => {
    if (call.options['new'] !== true) throw new UsageError('say --new to begin a new epoch')
    const config = readConfig(call.env)
    const reason = textOption(call, 'reason') ?? ''
    const begun = await withTools(config, ({ store }) =>
      beginEpoch({ store, keeper: openKeeper(config) }, { reason, actor: 'cli' }),
    )
    if (call.json) call.out(JSON.stringify(begun))
    else call.out(`Epoch ${begun.epoch} of the ledger has begun, as ${begun.origin}.`)
    return 0
  },
}
