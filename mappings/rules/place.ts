/** What is wrong with a place, a pattern or a name in a rule: said in words, with what was expected. */
export class PlaceError extends Error {}

/** A member name, or the index of an item. */
export type Step = string | number

const forbidden: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** Reads `a.b[0].c`: members and indexes. `[]` is no step here: it is taken apart before. Throws PlaceError. */
export function stepsOf(path: string): Step[] {
  const steps: Step[] = []
  for (const part of path.split('.')) {
    const found = /^([^[\]]+)((?:\[\d{1,6}\])*)$/.exec(part.trim())
    if (found === null)
      throw new PlaceError(`expected a path such as \`orderLine[0].lineItem.id\`, not \`${path}\``)
    const [, name = '', indexes = ''] = found
    if (forbidden.has(name)) throw new PlaceError(`\`${name}\` is not a member of a document`)
    steps.push(name)
    for (const [, index] of indexes.matchAll(/\[(\d+)\]/g)) steps.push(Number(index))
  }
  return steps
}

/** `a[].b` in front of its first `[]` and behind it; null where there is none. */
export function splitAtLoop(path: string): { list: string; rest: string } | null {
  const at = path.indexOf('[]')
  if (at < 0) return null
  return {
    list: path.slice(0, at),
    rest: path
      .slice(at + 2)
      .replace(/^[./]\s*/, '')
      .trim(),
  }
}
