import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readConfig } from '#hub/base/config.ts'
import { applyFilesInName, partnersOfTable } from '#hub/configuration-tools.ts'
import { planFiles, withTools, type ConfigurationChange } from '#hub/tools.ts'
import { account } from './account.ts'
import { byOption, proposedText } from './apply-in-name.ts'
import { onePositional, textOption, UsageError, type Call, type Verb } from './verb.ts'

export const partnerImport: Verb = {
  name: 'partner import',
  summary: 'adds partners from a table of comma-separated values, all or none',
  usage:
    'crossdock partner import FILE.csv [--template NAME | --like PARTNER] [--plan] [--write FOLDER] [--by EMAIL]',
  help: `The first line names the columns: key and name, and of language, time_zone, env, identities, channel, channel_key, address, host_keys,
username, profiles, contact_name, contact_email, contact_language those that are needed. docs/partners.md describes them.
Rows whose profiles are empty get those of --template (one of those that the column may name) or of --like, a partner that stands in the
hub. --plan says what would be added. --write puts the documents into a folder, one file a partner, and applies nothing.
Errors name the line and the column, and nothing is applied while there is one. Exit code 1 with --plan where something would be added.`,
  options: {
    template: { type: 'string' },
    like: { type: 'string' },
    plan: { type: 'boolean' },
    write: { type: 'string' },
    by: { type: 'string' },
  },
  run: async (call) => {
    const path = onePositional(call, 'FILE.csv')
    const [template, like] = [textOption(call, 'template'), textOption(call, 'like')]
    if (template !== undefined && like !== undefined)
      throw new UsageError('give --template or --like, not both')
    const text = await readFile(path, 'utf8').catch(() => {
      throw new UsageError(`there is no file ${path}`)
    })
    const options = {
      ...(template === undefined ? {} : { template }),
      ...(like === undefined ? {} : { like }),
    }
    return withTools(readConfig(call.env), async (tools) => {
      const files = await partnersOfTable(tools, { path, text }, options)
      const folder = textOption(call, 'write')
      if (folder !== undefined) return written(call, folder, files)
      const planOnly = call.options['plan'] === true
      const asked = { by: byOption(call), reason: `import of ${path}`.slice(0, 1_000), account: account() }
      const { changes, proposal } = planOnly
        ? { changes: await planFiles(tools, files), proposal: null }
        : await applyFilesInName(tools, files, asked)
      tell(call, { partners: files.length, changes, planOnly: planOnly || proposal !== null })
      if (!call.json && proposal !== null) call.out(proposedText(proposal))
      return planOnly ? 1 : 0
    })
  },
}

async function written(
  call: Call,
  folder: string,
  files: readonly { path: string; text: string }[],
): Promise<number> {
  for (const { path, text } of files) {
    const target = join(folder, path)
    await mkdir(dirname(target), { recursive: true })
    // a partner's file that somebody wrote is not written over
    await writeFile(target, text, { flag: 'wx' }).catch(() => {
      throw new UsageError(`${target} cannot be written; is there a file already?`)
    })
  }
  const paths = files.map(({ path }) => path)
  call.out(
    call.json ? JSON.stringify({ folder, files: paths }) : `${paths.length} files written to ${folder}`,
  )
  return 0
}

function tell(
  call: Call,
  done: { partners: number; changes: readonly ConfigurationChange[]; planOnly: boolean },
): void {
  const { partners, changes, planOnly } = done
  if (call.json) return call.out(JSON.stringify({ partners, changes }, null, 2))
  const lines = changes
    .filter(({ kind, action }) => kind === 'partner' && action === 'add')
    .map(({ key }) => `add ${key}`)
  const profiles = changes.filter(({ kind, action }) => kind === 'profile' && action === 'add').length
  const verb = planOnly ? 'would be added' : 'added'
  call.out([...lines, `${partners} partners with ${profiles} profiles ${verb}`].join('\n'))
}
