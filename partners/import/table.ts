import { namesThere } from '#hub/base/nearest.ts'
import { csvRecords, type CsvFault } from '#hub/formats/csv/records.ts'
import type { Problem } from '../problems.ts'

/** What a table of partners may have in its first line; docs/partners.md describes them. */
export const columns = [
  'key',
  'name',
  'language',
  'time_zone',
  'env',
  'identities',
  'channel',
  'channel_key',
  'address',
  'host_keys',
  'username',
  'profiles',
  'contact_name',
  'contact_email',
  'contact_language',
] as const
export type Column = (typeof columns)[number]

/** One partner of the table; what is empty is absent. */
export interface Row {
  line: number
  cells: Readonly<Partial<Record<Column, string>>>
}

/** Reads the table. Problems name the line and the column. */
export function readTable(path: string, text: string): { rows: Row[]; problems: Problem[] } {
  const problems: Problem[] = []
  const problem = (line: number, field: string, message: string) =>
    void problems.push({ file: path, line, column: 1, field, message })
  const { records, fault } = csvRecords(text)
  if (fault !== null) {
    problem(fault.line, `field ${fault.field}`, faultText[fault.kind])
    return { rows: [], problems }
  }
  const [head, ...lines] = records
  if (head === undefined) {
    problem(1, '', 'expected a first line with the names of the columns')
    return { rows: [], problems }
  }
  const names = head.fields.map((name) => name.trim().toLowerCase())
  for (const [index, name] of names.entries()) {
    if (!isColumn(name)) problem(head.line, name, `unknown column${namesThere(name, [...columns])}`)
    else if (names.indexOf(name) !== index) problem(head.line, name, 'this column stands here twice')
  }
  for (const name of ['key', 'name'] as const)
    if (!names.includes(name)) problem(head.line, name, 'is missing: expected a column of this name')
  if (lines.length === 0 && problems.length === 0)
    problem(head.line, '', 'expected a line for each partner below the names of the columns')
  const rows = lines.map(({ line, fields }): Row => {
    if (fields.length !== names.length)
      problem(
        line,
        '',
        `expected ${names.length} fields, as the first line has, and there are ${fields.length}`,
      )
    const cells = names.map((name, index) => [name, fields[index]?.trim() ?? ''] as const)
    return { line, cells: Object.fromEntries(cells.filter(([, cell]) => cell !== '')) }
  })
  return { rows: problems.length > 0 ? [] : rows, problems }
}

const faultText: Readonly<Record<CsvFault['kind'], string>> = {
  quoteOpen: 'a quote is opened here and never closed',
  quoteWithin: 'expected a field with a quote in it to stand in quotes, with the quote in it doubled',
  behindQuote: 'expected a comma or the end of the line behind the closing quote',
}

function isColumn(name: string): name is Column {
  return (columns as readonly string[]).includes(name)
}
