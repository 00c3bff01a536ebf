import { zipEntries, type ZipEntry } from './zip.ts'
import { readCodeLists } from './code-lists.ts'
import { readMessage, type MessageFacts } from './message-table.ts'
import { readElements, readSpecifications, type ElementFacts, type Specification } from './specifications.ts'

/** A directory as its texts say: what the tables are made of. */
export interface DirectoryFacts {
  /** `D.96A`. */
  readonly name: string
  readonly messages: ReadonlyMap<string, MessageFacts>
  readonly segments: ReadonlyMap<string, Specification>
  readonly composites: ReadonlyMap<string, Specification>
  readonly elements: ReadonlyMap<string, ElementFacts>
  /** By element, the names of its values. Empty in D.93A, D.94B and D.95A, which came without. */
  readonly codes: ReadonlyMap<string, ReadonlyMap<string, string>>
}

/** How much is read of an archive. */
export interface ArchiveLimits {
  entries: number
  entryBytes: number
}

/**
 * Reads a directory from the zip file that UNECE publishes, as it is downloaded: archives within it are opened, what is not
 * a text of the directory is passed over unread, whatever is wrong with it. Throws Error with what is missing or damaged.
 */
export function importDirectory(archive: Buffer, limits: ArchiveLimits): DirectoryFacts {
  const texts = directoryTexts(archive, limits, 0)
  const releases = new Set(texts.map((text) => text.release))
  if (releases.size === 0) throw new Error('the archive holds no UN/EDIFACT directory')
  if (releases.size > 1) throw new Error(`the archive holds several directories: ${[...releases].join(', ')}`)
  const of = (kind: TextKind) => texts.filter((text) => text.kind === kind).map((text) => text.bytes)
  const facts: DirectoryFacts = {
    name: `D.${[...releases][0]}`,
    messages: new Map(
      texts.flatMap(({ kind, message, bytes }) => {
        const read = kind === 'message' ? readMessage(bytes) : null
        // what begins with UIH belongs to the interactive directories
        return read?.notation.startsWith('UNH') ? [[message, read] as const] : []
      }),
    ),
    segments: merged(of('segments').map(readSpecifications), /^[A-Z][A-Z0-9]{2}$/),
    composites: merged(of('composites').map(readSpecifications), /^[CES]\d{3}$/),
    elements: merged(of('elements').map(readElements), /^\d{4}$/),
    codes: merged(of('codes').map(readCodeLists), /^\d{4}$/),
  }
  for (const part of ['messages', 'segments', 'composites', 'elements'] as const) {
    if (facts[part].size === 0) throw new Error(`the archive holds no ${part} of ${facts.name}`)
  }
  return facts
}

type TextKind = 'message' | 'segments' | 'composites' | 'elements' | 'codes'

interface DirectoryText {
  kind: TextKind
  /** `96A`. */
  release: string
  message: string
  bytes: Buffer
}

/** The texts by their names; interactive directories (IDSD …) are described in the same way but are not taken. */
const names: readonly (readonly [TextKind, RegExp])[] = [
  ['message', /^([A-Z]{6})_D\.(\d\d[A-Z])$/i],
  ['segments', /^((?:ED|TR)SD)\.(\d\d[A-Z])$/i],
  ['composites', /^((?:ED|TR)CD)\.(\d\d[A-Z])$/i],
  ['elements', /^((?:ED|TR)ED)\.(\d\d[A-Z])$/i],
  ['codes', /^(UNCL(?:-\d)?)\.(\d\d[A-Z])$/i],
]

/** Archives stand in archives, never deeper than this. */
const archivesDeep = 3

function directoryTexts(archive: Buffer, limits: ArchiveLimits, depth: number): DirectoryText[] {
  const texts: DirectoryText[] = []
  for (const entry of zipEntries(archive, limits.entries)) {
    const file = entry.name.split('/').at(-1) ?? ''
    if (entry.name.includes('__MACOSX/') || file.startsWith('._')) continue
    if (/\.zip$/i.test(file) && depth < archivesDeep) {
      texts.push(...textsOfInner(entry, limits, depth + 1))
      continue
    }
    for (const [kind, pattern] of names) {
      const [, name = '', release = ''] = pattern.exec(file) ?? []
      if (release === '') continue
      const bytes = entry.read(limits.entryBytes)
      texts.push({ kind, release: release.toUpperCase(), message: name.toUpperCase(), bytes })
    }
  }
  return texts
}

/** What an archive within holds. One whose name is not that of a part (texts about the directory) may be damaged. */
function textsOfInner(entry: ZipEntry, limits: ArchiveLimits, depth: number): DirectoryText[] {
  try {
    return directoryTexts(entry.read(limits.entryBytes), limits, depth)
  } catch (error) {
    if (/(?:^|\/)(?:(?:ED|TR)[SCEM]D|UNCL)[^/]*$/i.test(entry.name)) throw error
    return []
  }
}

function merged<Value>(maps: readonly ReadonlyMap<string, Value>[], key: RegExp): Map<string, Value> {
  const all = maps.flatMap((map) => [...map]).filter(([id]) => key.test(id))
  return new Map(all)
}
