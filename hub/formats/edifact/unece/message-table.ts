import { calmName, changeMarks, linesOfTable } from './text.ts'

/** A message as its text in the directory describes it. */
export interface MessageFacts {
  /** `Purchase order message`. */
  readonly name: string
  /** How it is built, in the notation of `tables/structure.ts`. */
  readonly notation: string
  /** Lines of its segment table that could not be understood. */
  readonly odd: readonly string[]
}

/**
 * Reads the segment table out of the text of a message (EDMD, TRMD). Null where the text has none.
 *
 *     0110       ───── Segment group 2  ────────────────── C   99──────────┐      opens a group
 *     0120   NAD Name and address                          M   1           │
 *     0130   LOC Place/location identification             C   25──────────┘      closes it
 *
 * Each corner at the end of a segment's line closes a group, whichever column it stands in: in some texts the columns do
 * not agree. Positions have four or five digits or are left out, names go on in the next line, and a table that is printed
 * twice is taken once.
 */
export function readMessage(bytes: Buffer): MessageFacts | null {
  const lines = linesOfTable(bytes)
  const rows = rowsOf(lines)
  return rows === null ? null : { name: titleOf(lines), ...notationOf(rows) }
}

interface Row {
  /** The number of a group, or the tag of a segment. */
  id: string
  isGroup: boolean
  mandatory: boolean
  max: number
  /** Groups that end with it. */
  closes: number
  /** Marked with a minus: the directory names what it left out. What stood in such a group stands where the group did. */
  deleted: boolean
}

const position = String.raw`^\s*(?:\d{4,5})?\s*`
const end = String.raw`\s([MCc])\s+(\d+)\s*([-|+ ]*)$`
const groupRow = new RegExp(
  String.raw`${position}([${changeMarks}-]\s+)?-{2,}\s*segment\s+group\s+(\d+)[\s-]*${end}`,
  'i',
)
const segmentRow = new RegExp(
  String.raw`${position}([${changeMarks}S-]\s+)?([A-Z][A-Z0-9]{2})\s+(\S.*?)${end}`,
)
/** A row whose name goes on in the next line. */
const rowBegin = new RegExp(String.raw`${position}(?:[${changeMarks}S-]\s+)?[A-Z][A-Z0-9]{2}\s+\S`)
const heading = /^\s*4\.\d(\.\d)?\.?\s+segment table\s*$/i

/** The rows from the last heading that has any, up to the first UNT behind it; null where there are none. */
function rowsOf(lines: readonly string[]): { rows: Row[]; odd: string[] } | null {
  for (let from = lines.length - 1; from >= 0; from--) {
    if (!heading.test(lines[from]!)) continue
    const read = rowsBehind(lines, from + 1)
    if (read.rows.length > 1) return read
  }
  return null
}

function rowsBehind(lines: readonly string[], from: number): { rows: Row[]; odd: string[] } {
  const rows: Row[] = []
  const odd: string[] = []
  let held = ''
  for (let index = from; index < lines.length; index++) {
    const line = lines[index]!
    const row = rowOf(line) ?? (held === '' ? null : rowOf(`${held.replace(/[|\s]+$/, '')} ${line.trim()}`))
    held = ''
    if (row !== null) {
      // one text begins its table anew after the first page
      if (row.id === 'UNH') rows.length = 0
      rows.push(row)
      if (row.id === 'UNT' || row.id === 'UIT') break
    } else if (rows.length > 0 && rowBegin.test(line)) {
      held = line
    } else if (/^\s*\d{4,5}\s/.test(line)) {
      odd.push(line.trim())
    }
  }
  return { rows, odd }
}

function rowOf(line: string): Row | null {
  const group = groupRow.exec(line)
  if (group) {
    const [, mark = '', id = '', status = '', max = ''] = group
    return {
      id,
      isGroup: true,
      mandatory: status === 'M',
      max: Number(max),
      closes: 0,
      deleted: isDeleted(mark),
    }
  }
  const segment = segmentRow.exec(line)
  if (!segment) return null
  const [, mark = '', id = '', , status = '', max = '', box = ''] = segment
  const closes = box.split('+').length - 1
  return { id, isGroup: false, mandatory: status === 'M', max: Number(max), closes, deleted: isDeleted(mark) }
}

function isDeleted(mark: string): boolean {
  return mark.startsWith('-')
}

function notationOf({ rows, odd }: { rows: readonly Row[]; odd: string[] }): {
  notation: string
  odd: string[]
} {
  let notation = ''
  /** Of each open group, what ends it in the notation: nothing where the group was left out. */
  const open: string[] = []
  for (const row of rows) {
    if (!row.deleted) notation += `${separator(notation)}${row.id}${terms(row)}${row.isGroup ? '(' : ''}`
    if (row.isGroup) open.push(row.deleted ? '' : ')')
    for (let closed = 0; closed < row.closes; closed++) notation += open.pop() ?? ''
  }
  return { notation: notation + open.toReversed().join(''), odd }
}

function separator(notation: string): string {
  return notation === '' || notation.endsWith('(') ? '' : ' '
}

function terms({ mandatory, max }: Row): string {
  return `${mandatory ? '!' : ''}${max === 1 ? '' : `*${max}`}`
}

/** The title stands below the words that open every text: what sort of standard it is. */
function titleOf(lines: readonly string[]): string {
  const at = lines.findIndex((line) =>
    /UNITED\s+NATIONS\s+STANDARD\s+MESSAGE|DRAFT\s+RECOMMENDATION/i.test(line),
  )
  const begin = lines.findIndex((line, index) => index > at && line.trim() !== '')
  if (at < 0 || begin < 0) return ''
  const title: string[] = []
  for (let index = begin; /^\s*[^\s-]/.test(lines[index] ?? '') && index < begin + 3; index++)
    title.push(lines[index]!)
  return calmName(title.join(' '))
}
