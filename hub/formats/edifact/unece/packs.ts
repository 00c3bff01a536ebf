import { packText, type Fact } from '../tables/pack.ts'
import type { DirectoryFacts } from './import.ts'
import type { Item, Specification } from './specifications.ts'

/** The three texts in which directories are kept: see `directories/NOTICE.md` for their notation. */
export interface PackTexts {
  /** How messages are built. */
  messages: string
  /** Segments, composites and elements. */
  parts: string
  codes: string
}

/** Packs directories, given in their order of time. */
export function packDirectories(directories: readonly DirectoryFacts[]): PackTexts {
  const names = directories.map((one) => one.name)
  return {
    messages: packText(names, directories.map(messageFacts)),
    parts: packText(names, directories.map(partFacts)),
    codes: packText(names, directories.map(codeFacts)),
  }
}

function messageFacts({ messages }: DirectoryFacts): Fact[] {
  return [...messages].map(([key, { name, notation }]) => ({ key, says: [name, notation] }))
}

function partFacts({ segments, composites, elements }: DirectoryFacts): Fact[] {
  const known = withPrinted(composites, segments)
  return [
    ...[...segments].map(([key, one]) => ({ key, says: [one.name, segmentNotation(one, known)] })),
    ...[...known].map(([key, one]) => ({ key, says: [one.name, one.items.map(itemNotation).join(' ')] })),
    ...[...elements].map(([key, { name, format }]) => ({ key, says: [name, format] })),
  ]
}

function codeFacts({ codes }: DirectoryFacts): Fact[] {
  return [...codes].flatMap(([key, list]) => [...list].map(([value, name]) => ({ key, says: [value, name] })))
}

/** Composites that their own directory forgot stand in full with the segments that have them. */
function withPrinted(
  composites: ReadonlyMap<string, Specification>,
  segments: ReadonlyMap<string, Specification>,
): Map<string, Specification> {
  const all = new Map(composites)
  for (const { items } of segments.values()) {
    for (const { id, components } of items)
      if (components.length > 0 && !all.has(id)) all.set(id, { name: id, items: components })
  }
  return all
}

/** Where a segment prints other components than their directory has, the segment's are written with it. */
function segmentNotation({ items }: Specification, composites: ReadonlyMap<string, Specification>): string {
  return items
    .map((item) => {
      const printed = item.components.map(itemNotation).join(' ')
      const own = composites.get(item.id)?.items.map(itemNotation).join(' ')
      return printed === '' || printed === own ? itemNotation(item) : `${itemNotation(item)}(${printed})`
    })
    .join(' ')
}

function itemNotation({ id, mandatory, max }: Item): string {
  return `${id}${mandatory ? '!' : ''}${max === 1 ? '' : `*${max}`}`
}
