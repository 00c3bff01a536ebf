import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from './verb.ts'

/** A YAML file, or all of a folder and the folders in it, in the order of their names. Throws UsageError where there is none. */
export async function readConfigurationFiles(path: string): Promise<{ path: string; text: string }[]> {
  const facts = await stat(path).catch(() => null)
  if (facts === null) throw new UsageError(`there is no file or folder ${path}`)
  if (!facts.isDirectory()) return [{ path, text: await readFile(path, 'utf8') }]
  const names = (await readdir(path, { recursive: true })).filter((name) => /\.ya?ml$/.test(name)).sort()
  if (names.length === 0) throw new UsageError(`the folder ${path} holds no .yaml file`)
  return Promise.all(
    names.map(async (name) => ({ path: join(path, name), text: await readFile(join(path, name), 'utf8') })),
  )
}
