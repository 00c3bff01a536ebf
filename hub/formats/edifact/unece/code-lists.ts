import { changeMarks, linesOfText, sectionsOf, words } from './text.ts'

/**
 * Reads a code list (UNCL, UNSL): by element, the names of its values. Two layouts are known: up to D.99A a value ends and
 * its name begins at the tenth column, from D.99B on the value begins at the fifth.
 *
 *             1 Certificate of analysis              1     Certificate of analysis
 *                  Certificate providing …                    Certificate providing …
 *
 * A line that begins where the name did goes on with it; a line further right explains, and is left out.
 */
export function readCodeLists(bytes: Buffer): Map<string, Map<string, string>> {
  const lists = new Map<string, Map<string, string>>()
  for (const section of sectionsOf(linesOfText(bytes))) {
    const begin = section.findIndex((line) => line.trim() !== '')
    const parts = heading.exec(section[begin] ?? '')
    const values = section.findIndex((line) => /^\s*Repr:/i.test(line))
    if (!parts || values < 0) continue
    const layout = parts[1]!.length < newLayout.valueAt ? oldLayout : newLayout
    const list = valuesOf(section.slice(values + 1), layout)
    if (list.size === 0) continue
    const known = lists.get(parts[2]!)
    if (known === undefined) lists.set(parts[2]!, list)
    else for (const [value, name] of list) known.set(value, name)
  }
  return lists
}

const heading = new RegExp(String.raw`^([\s${changeMarks}]*)(\d{4})\s+\S`)

interface Layout {
  /** Where a value can begin, and where its name does; between them no other begins. */
  valueAt: number
  nameAt: number
}
const oldLayout: Layout = { valueAt: 1, nameAt: 10 }
const newLayout: Layout = { valueAt: 5, nameAt: 11 }

function valuesOf(lines: readonly string[], { valueAt, nameAt }: Layout): Map<string, string> {
  const list = new Map<string, string>()
  let last: string | null = null
  for (const line of lines) {
    const marks = line.slice(0, valueAt)
    const [, blanks = '', value = '', name = ''] =
      /^(\s*)(\S+)(?:\s+(\S.*))?$/.exec(line.slice(valueAt)) ?? []
    const begin = valueAt + blanks.length
    if (begin < nameAt - 1 && name !== '' && /^[A-Z0-9]+$/.test(value)) {
      // a minus marks what the release left out
      last = marks.includes('-') ? null : value
      if (last !== null) list.set(last, words(name))
    } else if (last !== null && begin === nameAt && value !== '') {
      list.set(last, `${list.get(last)} ${words(`${value} ${name}`)}`)
    } else {
      last = null
    }
  }
  return list
}
