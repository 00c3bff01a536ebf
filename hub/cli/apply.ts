import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readConfig } from '#hub/base/config.ts'
import { applyFiles, planFiles, withTools, type ConfigurationChange } from '#hub/main.ts'
import { onePositional, UsageError, type Verb } from './verb.ts'

export const apply: Verb = {
  name: 'apply',
  summary: 'applies partners, channels, profiles and agreements written as YAML',
  usage: 'crossdock apply PATH [--plan]',
  help: `PATH is a file or a folder of .yaml files. Everything is applied in one transaction, or nothing is; applying the same
again changes nothing. --plan says what would change. docs/configuration.md is the reference.
Exit code 1 with --plan where something would change.`,
  options: { plan: { type: 'boolean' } },
  run: async (call) => {
    const files = await readFiles(onePositional(call, 'PATH: a YAML file, or a folder of them'))
    const planOnly = call.options['plan'] === true
    const changes = await withTools(readConfig(call.env), (tools) =>
      planOnly ? planFiles(tools, files) : applyFiles(tools, files, { actor: 'cli' }),
    )
    const real = changes.filter((change) => change.action !== 'none' && change.action !== 'absent')
    if (call.json) call.out(JSON.stringify({ changes }, null, 2))
    else call.out(tell(changes, real.length, planOnly))
    return planOnly && real.length > 0 ? 1 : 0
  },
}

async function readFiles(path: string): Promise<{ path: string; text: string }[]> {
  const facts = await stat(path).catch(() => null)
  if (facts === null) throw new UsageError(`there is no file or folder ${path}`)
  if (!facts.isDirectory()) return [{ path, text: await readFile(path, 'utf8') }]
  const names = (await readdir(path, { recursive: true })).filter((name) => /\.ya?ml$/.test(name)).sort()
  if (names.length === 0) throw new UsageError(`the folder ${path} holds no .yaml file`)
  return Promise.all(
    names.map(async (name) => ({ path: join(path, name), text: await readFile(join(path, name), 'utf8') })),
  )
}

function tell(changes: readonly ConfigurationChange[], real: number, planOnly: boolean): string {
  const lines = changes
    .filter((change) => change.action !== 'none')
    .map((change) => {
      const fields = change.fields.length === 0 ? '' : `: ${change.fields.join(', ')}`
      return `${change.action.padEnd(7)} ${change.kind} ${change.key}${fields}`
    })
  const same = changes.length - lines.length
  const verb = planOnly ? 'would change' : 'changed'
  return [...lines, `${real} ${verb}, ${same} as before`].join('\n')
}
