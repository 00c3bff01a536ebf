import { readConfig } from '#hub/base/config.ts'
import { applyFilesInName } from '#hub/configuration-tools.ts'
import { planFiles, withTools, type ConfigurationChange } from '#hub/tools.ts'
import { byOption, proposedText } from './apply-in-name.ts'
import { account } from './account.ts'
import { readConfigurationFiles } from './configuration-files.ts'
import { onePositional, textOption, type Verb } from './verb.ts'

export const apply: Verb = {
  name: 'apply',
  summary: 'applies partners, channels, profiles and agreements written as YAML',
  usage: 'crossdock apply PATH [--plan] [--by EMAIL] [--reason TEXT]',
  help: `PATH is a file or a folder of .yaml files. Everything is applied in one transaction, or nothing is; applying the same
again changes nothing. --plan says what would change. docs/configuration.md is the reference.
"absent" stands in the hub and not in the file of its partner; it stays. "missing" is a secret that the file leaves to the hub
(\`keep: true\`), and the hub has none: everything else is applied, and its value is still to be given.
--by names the operator in whose name it is done; it is needed where what is live changes by two people (crossdock config approvals):
then a change of it is proposed, and another operator approves it.
Exit code 1 with --plan where something would change. "crossdock drift" compares field by field.`,
  options: { plan: { type: 'boolean' }, by: { type: 'string' }, reason: { type: 'string' } },
  run: async (call) => {
    const files = await readConfigurationFiles(onePositional(call, 'PATH: a YAML file, or a folder of them'))
    const planOnly = call.options['plan'] === true
    const asked = { by: byOption(call), reason: textOption(call, 'reason') ?? '', account: account() }
    const { changes, proposal } = await withTools(readConfig(call.env), async (tools) =>
      planOnly
        ? { changes: await planFiles(tools, files), proposal: null }
        : applyFilesInName(tools, files, asked),
    )
    const real = changes.filter((change) => !['none', 'absent', 'missing'].includes(change.action))
    if (call.json) call.out(JSON.stringify({ changes, proposal }, null, 2))
    else call.out(tell(changes, real.length, planOnly || proposal !== null))
    if (!call.json && proposal !== null) call.out(proposedText(proposal))
    return planOnly && real.length > 0 ? 1 : 0
  },
}

function tell(changes: readonly ConfigurationChange[], real: number, planOnly: boolean): string {
  const lines = changes
    .filter((change) => change.action !== 'none')
    .map((change) => {
      const fields = change.fields.length === 0 ? '' : `: ${change.fields.join(', ')}`
      return `${change.action.padEnd(7)} ${change.kind} ${change.key}${fields}`
    })
  const same = changes.filter((change) => change.action === 'none').length
  const verb = planOnly ? 'would change' : 'changed'
  const missing = changes.filter((change) => change.action === 'missing').length
  const what = missing === 1 ? 'One secret is' : `${missing} secrets are`
  const give =
    missing === 0
      ? []
      : [
          `${what} missing: say \`env\`, \`file\` or \`value\` in place of \`keep\` and apply again; a token is made by "crossdock token add".`,
        ]
  return [...lines, `${real} ${verb}, ${same} as before`, ...give].join('\n')
}
