import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { limits } from '#hub/base/limits.ts'
import { HubError } from '#hub/model/errors.ts'
import type { Directory } from './directory.ts'
import { openDirectory, packFiles } from './tables/shelf.ts'
import { importDirectory, type DirectoryFacts } from './unece/import.ts'
import { packDirectories } from './unece/packs.ts'

export { explainPart, type Explained, type ExplainedElement, type ExplainedNode } from './explain.ts'
export { listDirectories, useImportedDirectories } from './tables/shelf.ts'

/** The directory of that name (`D.96A`, `d96a` or `96A`). Throws HubError `directoryUnknown` if there is none. */
export function directoryNamed(name: string): Directory {
  const release = /^(?:D\.?)?(\d\d[A-Z])$/i.exec(name.trim())?.[1]
  const directory = release === undefined ? null : openDirectory(`D.${release.toUpperCase()}`, 4)
  if (directory === null) throw new HubError('directoryUnknown', `${name} is no directory that is here`)
  return directory
}

export interface ImportedDirectory {
  name: string
  messages: number
  segments: number
  elements: number
  /** Values of all code lists; 0 where the archive has none. */
  codes: number
  /** Lines of segment tables that could not be read, by message. */
  odd: { message: string; line: string }[]
}

/**
 * Reads the zip file of a directory as UNECE publishes it, and keeps its facts in a folder of its own under `folder`, from
 * which they are used from then on. Throws HubError `directoryUnreadable`.
 */
export function keepDirectory(archive: Buffer, folder: string): ImportedDirectory {
  const facts = read(archive)
  const packs = packDirectories([facts])
  const own = join(folder, facts.name)
  mkdirSync(own, { recursive: true })
  // parts last: the directory is there when they are
  for (const part of ['messages', 'codes', 'parts'] as const)
    writeFileSync(join(own, packFiles[part]), packs[part])
  const codes = [...facts.codes.values()].reduce((sum, list) => sum + list.size, 0)
  return {
    name: facts.name,
    messages: facts.messages.size,
    segments: facts.segments.size,
    elements: facts.elements.size,
    codes,
    odd: [...facts.messages].flatMap(([message, { odd }]) => odd.map((line) => ({ message, line }))),
  }
}

function read(archive: Buffer): DirectoryFacts {
  try {
    return importDirectory(archive, {
      entries: limits.directoryArchiveEntries,
      entryBytes: limits.directoryArchiveBytes,
    })
  } catch (error) {
    throw new HubError('directoryUnreadable', (error as Error).message, { cause: error })
  }
}
