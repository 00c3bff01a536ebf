/**
 * Facts of several directories in one text, each fact once: a line says in which of them it holds.
 *
 *     D.93A D.94A D.94B …                                   the directories, in order
 *     NAD⇥0-12⇥Name and address⇥3035! C082 C058 …           key, where it holds, and what it says
 *     NAD⇥13-61⇥Name and address⇥3035! C082 C058 …
 *
 * Lines of one key stand together. Looking for a key costs the lines of that key; nothing is unfolded before it is asked for.
 */
export class Pack {
  readonly directories: readonly string[]
  readonly #text: string
  /** By key, where its lines begin and end. */
  readonly #places = new Map<string, { from: number; to: number }>()

  constructor(text: string) {
    const head = text.indexOf('\n')
    this.#text = text
    this.directories = text.slice(0, head).split(' ')
    let at = head + 1
    let key = ''
    let place = { from: 0, to: 0 }
    while (at < text.length) {
      const next = text.indexOf('\n', at) + 1
      if (!(text.startsWith(key, at) && text.charCodeAt(at + key.length) === tab) || key === '') {
        key = text.slice(at, text.indexOf('\t', at))
        place = { from: at, to: at }
        this.#places.set(key, place)
      }
      place.to = next
      at = next
    }
  }

  /** The place of a directory in it, -1 where it is not in it. */
  indexOf(directory: string): number {
    return this.directories.indexOf(directory)
  }

  /** The keys that have a line in a directory. */
  keys(index: number): string[] {
    return [...this.#places.keys()].filter((key) => this.rows(key, index).length > 0)
  }

  /** What the lines of a key say in a directory, in order. */
  rows(key: string, index: number): string[][] {
    const place = this.#places.get(key)
    if (place === undefined) return []
    const rows: string[][] = []
    for (let at = place.from; at < place.to;) {
      const end = this.#text.indexOf('\n', at)
      const rangesAt = at + key.length + 1
      const restAt = this.#text.indexOf('\t', rangesAt)
      if (holds(this.#text.slice(rangesAt, restAt), index))
        rows.push(this.#text.slice(restAt + 1, end).split('\t'))
      at = end + 1
    }
    return rows
  }
}

/** A fact to be packed. */
export interface Fact {
  key: string
  /** What it says: without tabs and line ends. */
  says: readonly string[]
}

/** Packs the facts of directories: `facts[n]` are those of `directories[n]`. Keys are put in order, the rest is left in it. */
export function packText(directories: readonly string[], facts: readonly (readonly Fact[])[]): string {
  const byKey = new Map<string, Map<string, number[]>>()
  facts.forEach((list, index) => {
    for (const { key, says } of list) {
      const rows = byKey.get(key) ?? new Map<string, number[]>()
      byKey.set(key, rows)
      const text = says.join('\t')
      const holding = rows.get(text)
      if (holding === undefined) rows.set(text, [index])
      else holding.push(index)
    }
  })
  const lines = [...byKey]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([key, rows]) => [...rows].map(([text, holding]) => `${key}\t${ranges(holding)}\t${text}`))
  return [directories.join(' '), ...lines, ''].join('\n')
}

const tab = 9

/** Whether `0-12,15` has the number. */
function holds(ranges: string, index: number): boolean {
  return ranges.split(',').some((range) => {
    const [low = '', high = low] = range.split('-')
    return index >= Number(low) && index <= Number(high)
  })
}

function ranges(numbers: readonly number[]): string {
  const parts: string[] = []
  for (let at = 0; at < numbers.length;) {
    let end = at
    while (numbers[end + 1] === numbers[end]! + 1) end++
    parts.push(end === at ? `${numbers[at]}` : `${numbers[at]}-${numbers[end]}`)
    at = end + 1
  }
  return parts.join(',')
}
