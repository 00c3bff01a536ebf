import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { limits } from '#hub/base/limits.ts'
import { ageOf, packFiles } from '../tables/shelf.ts'
import { importDirectory } from '../unece/import.ts'
import { packDirectories } from '../unece/packs.ts'

/**
 * Makes the files beside it from the zip files of UNECE, as they are downloaded: `node build.ts FOLDER`. The code that reads
 * them is the same as that of `crossdock directories import`.
 */
const [folder = '.'] = process.argv.slice(2)
const reach = { entries: limits.directoryArchiveEntries, entryBytes: limits.directoryArchiveBytes }
const facts = readdirSync(folder)
  .filter((name) => /\.zip$/i.test(name))
  .map((name) => importDirectory(readFileSync(join(folder, name)), reach))
  .toSorted((one, other) => (ageOf(one.name) < ageOf(other.name) ? -1 : 1))
const packs = packDirectories(facts)
for (const part of ['messages', 'parts', 'codes'] as const)
  writeFileSync(new URL(packFiles[part], import.meta.url), packs[part])
process.stdout.write(`${facts.length} directories: ${facts.map((one) => one.name).join(' ')}\n`)
