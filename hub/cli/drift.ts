import { readConfig } from '#hub/base/config.ts'
import { driftOfFiles, withTools, type Difference } from '#hub/tools.ts'
import { readConfigurationFiles } from './configuration-files.ts'
import { onePositional, type Verb } from './verb.ts'

export const drift: Verb = {
  name: 'drift',
  summary: 'compares YAML files with the hub, field by field',
  usage: 'crossdock drift PATH',
  help: `PATH is a file or a folder of .yaml files: taken as the whole configuration. Named are each field that differs, with its place in the
file and both values; what stands in a file and not in the hub; and what stands in the hub and in no file, whoever made it. Secrets
are compared where their values are at hand (\`env\`, \`file\`, \`value\`), and never shown. Nothing is changed.
Exit code 0 no difference, 1 drift, 2 could not compare.`,
  run: async (call) => {
    const files = await readConfigurationFiles(onePositional(call, 'PATH: a YAML file, or a folder of them'))
    const differences = await withTools(readConfig(call.env), (tools) => driftOfFiles(tools, files))
    if (call.json) call.out(JSON.stringify({ differences }, null, 2))
    else if (differences.length === 0)
      call.out(`No difference between ${count(files.length, 'file')} and the hub.`)
    else call.out([...differences.map(tell), count(differences.length, 'difference')].join('\n'))
    return differences.length === 0 ? 0 : 1
  },
}

function tell({ kind, thing, key, field, hub, wanted, file, line, column }: Difference): string {
  const what = `${thing} ${key}`
  const place = `${file}:${line}:${column}`
  if (kind === 'absent') return `hub only: ${what} stands in the hub and in no file`
  if (kind === 'new') return `${place} ${what} stands in the file and not in the hub`
  if (hub === undefined && wanted === undefined) return `${place} ${what}: the hub has another value`
  return `${place} ${what} ${field}: ${shown(hub)} in the hub, ${shown(wanted)} in the file`
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value)
}

function count(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? '' : 's'}`
}
