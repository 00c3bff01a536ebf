import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readConfig } from '#hub/base/config.ts'
import { configurationStream, exportFiles, withTools, type ExportedFile } from '#hub/tools.ts'
import { textOption, UsageError, type Call } from './verb.ts'

/** `crossdock export`: the configuration to a folder or to standard output. */
export async function exportTheConfiguration(call: Call): Promise<number> {
  const folder = folderOf(call)
  const partner = textOption(call, 'partner') ?? null
  const files = await withTools(readConfig(call.env), (tools) => exportFiles(tools, { partner }))
  if (folder === undefined) {
    if (call.json)
      call.out(
        JSON.stringify(
          files.flatMap(({ contents }) => contents),
          null,
          2,
        ),
      )
    else call.out(configurationStream(files).trimEnd())
    return 0
  }
  const written = await writeFiles(folder, files, { alone: partner === null })
  if (call.json) call.out(JSON.stringify({ folder, files: files.map(({ path }) => path), written }))
  else call.out(told(files, { folder, written }))
  return 0
}

function folderOf(call: Call): string | undefined {
  const out = textOption(call, 'out')
  if (call.positionals.length > 1 || (call.positionals.length === 1 && out !== undefined))
    throw new UsageError('give one folder')
  return call.positionals[0] ?? out
}

/**
 * Writes what differs from what stands there; returns how many that were. Refuses a folder that holds other YAML files, because applying the
 * folder would take them for a part of the export.
 */
async function writeFiles(
  folder: string,
  files: readonly ExportedFile[],
  { alone }: { alone: boolean },
): Promise<number> {
  await mkdir(folder, { recursive: true })
  const names = await readdir(folder, { recursive: true })
  const own = new Set(files.map(({ path }) => join(path)))
  const strange = names.filter((name) => /\.ya?ml$/.test(name) && !own.has(name)).toSorted()
  if (alone && strange[0] !== undefined)
    throw new UsageError(
      `the folder ${folder} holds ${strange[0]}${strange.length > 1 ? ` and ${strange.length - 1} more` : ''}, which is no part of this export; name an empty folder, or one that an export wrote`,
    )
  let written = 0
  for (const { path, text } of files) {
    const target = join(folder, path)
    const before = await readFile(target, 'utf8').catch(() => null)
    if (before === text) continue
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, text)
    written += 1
  }
  return written
}

function told(
  files: readonly ExportedFile[],
  { folder, written }: { folder: string; written: number },
): string {
  const count = (kind: string, word: string) => {
    const n = files.filter(({ path }) => path.startsWith(kind)).length
    return `${n} ${word}${n === 1 ? '' : 's'}`
  }
  const same = files.length - written
  const before = same === 0 ? '' : `; ${same} of the files held this already`
  return `${count('partners/', 'partner')} and ${count('agreements/', 'agreement')} written to ${folder}${before}`
}
