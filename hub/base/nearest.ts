/** For messages about a name that is not there: which one may have been meant, and which there are. */

const namesShown = 12

/** `did you mean `x`?`, else `there is `a`, `b``, else nothing: what goes behind "there is no …". */
export function namesThere(asked: string, names: readonly string[]): string {
  const meant = nearest(asked, names)
  if (meant !== null) return `; did you mean \`${meant}\`?`
  if (names.length === 0) return '; there is none yet'
  const shown = names.slice(0, namesShown).map((name) => `\`${name}\``)
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : ''
  return `; there ${names.length === 1 ? 'is' : 'are'} ${shown.join(', ')}${more}`
}

/** The name that is so near to what was written that a slip of the hand explains it; null where none is, or several are. */
export function nearest(asked: string, names: readonly string[]): string | null {
  const word = asked.slice(0, 100).toLowerCase()
  const most = Math.max(1, Math.floor(word.length / 3))
  const near = names
    .map((name) => ({ name, steps: stepsBetween(word, name.toLowerCase()) }))
    .filter(({ steps }) => steps <= most)
    .toSorted((a, b) => a.steps - b.steps)
  if (near[0] === undefined || near[0].steps === near[1]?.steps) return null
  return near[0].name
}

/** Letters to add, leave out, change or swap with their neighbour (Damerau, restricted) between two words. */
function stepsBetween(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let steps = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        steps = Math.min(steps, beforeLast[j - 2]! + 1)
      row.push(steps)
    }
    beforeLast = last
    last = row
  }
  return last[b.length]!
}
