import { UsageError, type Verb } from './verb.ts'
import { exportTheConfiguration } from './export-configuration.ts'
import { exportTheLedger } from './export-ledger.ts'

export const exportVerb: Verb = {
  name: 'export',
  summary: 'writes the configuration as YAML, or the ledger to a file that anybody can verify',
  usage: `crossdock export [FOLDER] [--partner KEY]
  crossdock export --ledger [--partner KEY] [--out FILE] [--checkpoint FILE]`,
  help: `Without --ledger: partners, channels, profiles and agreements as they stand, in the form that "crossdock apply" takes, and always the
same bytes for the same configuration. With FOLDER (or --out FOLDER), one file a partner and one an agreement; without, one stream on
standard output. Secrets are named and not told: where one stands, the export says \`keep: true\`. --partner KEY writes that partner's
document alone. docs/configuration.md tells more.

With --ledger: the whole ledger, or one partner's own history with a proof for each entry, as lines of JSON to FILE or to standard
output; "crossdock verify FILE" and docs/verify_ledger.py check it without a database. With --partner, --checkpoint FILE adds the
proof that the ledger goes on from that checkpoint. docs/ledger.md describes the format.`,
  options: {
    ledger: { type: 'boolean' },
    partner: { type: 'string' },
    out: { type: 'string' },
    checkpoint: { type: 'string' },
  },
  run: async (call) => {
    if (call.options['ledger'] === true) {
      if (call.positionals.length > 0) throw new UsageError('with --ledger the file is named by --out')
      return exportTheLedger(call)
    }
    if (call.options['checkpoint'] !== undefined) throw new UsageError('--checkpoint goes with --ledger')
    return exportTheConfiguration(call)
  },
}
