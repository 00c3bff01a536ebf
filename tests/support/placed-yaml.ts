/** YAML in which every field stands on a line of its own, with the line of each: what an error must name. */

export type Path = readonly (string | number)[]

export interface PlacedYaml {
  text: string
  /** From 1: of the name of a field, or of the first line of an item of a list. */
  lineOf(path: Path): number
}

export function placedYaml(document: unknown): PlacedYaml {
  const lines: string[] = []
  const places = new Map<string, number>()
  const note = (path: Path) => places.set(JSON.stringify(path), lines.length + 1)
  const write = (value: unknown, indent: string, path: Path): void => {
    const entries: [string | number, unknown][] = Array.isArray(value)
      ? value.map((item, index) => [index, item])
      : Object.entries(value as Record<string, unknown>)
    for (const [name, member] of entries) {
      const at = [...path, name]
      note(at)
      const head = typeof name === 'number' ? `${indent}-` : `${indent}${JSON.stringify(name)}:`
      if (typeof member !== 'object' || member === null) lines.push(`${head} ${JSON.stringify(member)}`)
      else if (Object.keys(member).length === 0) lines.push(`${head} ${JSON.stringify(member)}`)
      else {
        lines.push(head)
        // an item begins with its first field, a field with its name
        if (typeof name === 'number') note(at)
        write(member, `${indent}  `, at)
      }
    }
  }
  write(document, '', [])
  return { text: `${lines.join('\n')}\n`, lineOf: (path) => places.get(JSON.stringify(path)) ?? 0 }
}

/** Every place of a document, outer ones first. */
export function pathsOf(value: unknown, path: Path = []): Path[] {
  const own = path.length === 0 ? [] : [path]
  if (typeof value !== 'object' || value === null) return own
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.map((item, index) => [index, item])
    : Object.entries(value)
  return [...own, ...entries.flatMap(([name, member]) => pathsOf(member, [...path, name]))]
}

/** A copy with another value at a place. */
export function withAt(document: unknown, path: Path, value: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return value
  const inner = (document as Record<string | number, unknown>)[step]
  const changed = withAt(inner, rest, value)
  if (Array.isArray(document)) return document.map((item, index) => (index === step ? changed : item))
  return { ...(document as Record<string, unknown>), [step]: changed }
}

/** A copy without what stands at a place. */
export function withoutAt(document: unknown, path: Path): unknown {
  const [step, ...rest] = path
  if (rest.length > 0) {
    const inner = (document as Record<string | number, unknown>)[step!]
    return withAt(document, [step!], withoutAt(inner, rest))
  }
  if (Array.isArray(document)) return document.filter((_, index) => index !== step)
  const { [step as string]: _left, ...others } = document as Record<string, unknown>
  return others
}

/** As problems write a place: `partner.identities[0].value`. */
export function fieldText(path: Path): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '')
}
