import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { directoryNamed } from '#hub/formats/edifact/directories.ts'
import type { Directory, ElementSpec } from '#hub/formats/edifact/directory.ts'
import type { StructureNode } from '#hub/formats/edifact/tables/structure.ts'
import type { Part } from './run.ts'

/** Tables that another program made of the same texts. */
interface Table {
  dir: string
  msgs: Record<string, TableNode[]>
  segs: Record<string, { items: TableItem[] }>
  comps: Record<string, { items: TableItem[] }>
  els: Record<string, { fmt: string; name: string }>
  codes: Record<string, Record<string, string>>
}

interface TableNode {
  tag?: string
  g?: number
  status: string
  max: number
  chg?: string
  children?: TableNode[]
}

interface TableItem {
  id: string
  status: string
  rep: number
  fmt: string | null
}

/** Compares every directory with its table: structures, contents, formats and code values. */
export function tablesReport(folder: string): Part[] {
  const part = (title: string): Part => ({
    title,
    compared: 0,
    agreed: 0,
    explained: new Map(),
    unexplained: [],
  })
  const parts = {
    messages: part('directories: segment tables of messages'),
    parts: part('directories: segments, composites and elements'),
    codes: part('directories: code values and their names'),
  }
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json.gz'))) {
    const table = JSON.parse(gunzipSync(readFileSync(join(folder, file))).toString()) as Table
    const directory = directoryNamed(table.dir)
    compareMessages(table, directory, parts.messages)
    compareParts(table, directory, parts.parts)
    compareCodes(table, directory, parts.codes)
  }
  return Object.values(parts)
}

/** Notes one comparison: equal, different with a reason, or different without. */
function note(
  part: Part,
  what: string,
  sides: { mine: string; theirs: string; reason: string | null },
): void {
  part.compared++
  if (sides.mine === sides.theirs) part.agreed++
  else if (sides.reason === null)
    part.unexplained.push(`${what}: here ${sides.mine.slice(0, 200)}, there ${sides.theirs.slice(0, 200)}`)
  else part.explained.set(sides.reason, (part.explained.get(sides.reason) ?? 0) + 1)
}

function compareMessages(table: Table, directory: Directory, part: Part): void {
  const theirs = Object.keys(table.msgs)
  for (const type of new Set([...directory.messageTypes, ...theirs])) {
    const root = directory.structure(type)
    const rows = table.msgs[type] ?? []
    const mine = root === null ? '' : notationOf(root.children)
    const other = tableNotation(rows)
    note(part, `${table.dir} ${type}`, { mine, theirs: other, reason: messageReason(mine, other, rows) })
  }
}

function messageReason(mine: string, theirs: string, rows: TableNode[]): string | null {
  if (theirs.startsWith('UIH')) return 'an interactive message, which is not taken'
  const twice = theirs.indexOf(' UNH!')
  if (twice >= 0 && (theirs.slice(0, twice) === mine || theirs.slice(twice + 1).startsWith(mine)))
    return 'a table that the text prints twice, or begins anew; the other holds both'
  if (mine === `UNH! ${theirs} UNT!`)
    return 'UNH and UNT, which the text marks otherwise, are missing in the other'
  const kept = tableNotation(withoutDeleted(rows))
  if (mine === kept || mine === `UNH! ${kept} UNT!`) return 'rows that the text marks as deleted are left out'
  if (withoutTag(theirs, 'RFF') === withoutTag(mine, 'RFF') && theirs.length > mine.length)
    return 'a row of D.93A that the text marks as deleted, unmarked in the other'
  return null
}

/** Without the first plain segment of this tag that stands in no group. */
function withoutTag(notation: string, tag: string): string {
  return notation.replace(new RegExp(String.raw` ${tag}\*\d+(?= )`), '')
}

function withoutDeleted(rows: readonly TableNode[]): TableNode[] {
  return rows.flatMap((row) => {
    const children = withoutDeleted(row.children ?? [])
    if (row.chg === '-') return row.g === undefined ? [] : children
    const gone =
      row.g !== undefined && row.children?.[0]?.tag === 'GDS' && row.children.some((one) => one.chg === '-')
    // a group of D.94A that is marked as deleted: the other has no place for marks of groups
    if (gone) return children
    if (row.children !== undefined && children.length === 0) return []
    return [row.children === undefined ? row : { ...row, children }]
  })
}

function notationOf(nodes: readonly StructureNode[]): string {
  return nodes
    .map((node) => {
      const terms = `${node.mandatory ? '!' : ''}${node.max === 1 ? '' : `*${node.max}`}`
      return node.kind === 'segment'
        ? `${node.tag}${terms}`
        : `${node.name.slice(2)}${terms}(${notationOf(node.children)})`
    })
    .join(' ')
}

function tableNotation(rows: readonly TableNode[]): string {
  return rows
    .map(({ tag, g, status, max, children }) => {
      const terms = `${status === 'M' ? '!' : ''}${max === 1 ? '' : `*${max}`}`
      return g === undefined ? `${tag}${terms}` : `${g}${terms}(${tableNotation(children ?? [])})`
    })
    .join(' ')
}

function compareParts(table: Table, directory: Directory, part: Part): void {
  const mine = new Set(directory.partIds)
  const theirs = [...Object.keys(table.segs), ...Object.keys(table.comps), ...Object.keys(table.els)]
  for (const id of new Set([...mine, ...theirs])) {
    const own = mine.has(id) ? partOf(directory, id) : ''
    const items = table.segs[id]?.items ?? table.comps[id]?.items
    const other = items === undefined ? (table.els[id]?.fmt ?? '') : items.map(tableItem).join(' ')
    note(part, `${table.dir} ${id}`, { mine: own, theirs: other, reason: partReason(own, other) })
  }
}

function partReason(mine: string, theirs: string): string | null {
  if (theirs === '') return 'in the text, empty in the other'
  if (mine === '') return 'marked as deleted in the text, and left out'
  if (mine.startsWith('8395') && mine.endsWith(theirs))
    return 'a wrapped line that the other did not read (D.97A C532)'
  return null
}

function partOf(directory: Directory, id: string): string {
  if (/^\d/.test(id)) return directory.element(id)?.format?.text ?? ''
  const items = /^C\d{3}$/.test(id) ? directory.composite(id)?.components : directory.segment(id)?.elements
  return (items ?? []).flatMap((item) => [item, ...(item.components ?? [])].map(itemText)).join(' ')
}

function itemText({ id, mandatory, max, format }: ElementSpec): string {
  return [id, mandatory ? 'M' : 'C', max, format?.text ?? ''].join('|')
}

function tableItem({ id, status, rep, fmt }: TableItem): string {
  return [id, status, rep, fmt ?? ''].join('|')
}

function compareCodes(table: Table, directory: Directory, part: Part): void {
  const elements = new Set([...Object.keys(table.els), ...Object.keys(table.codes)])
  for (const id of elements) {
    const mine = directory.element(id)?.codes ?? new Map<string, string>()
    const theirs = table.codes[id] ?? {}
    for (const value of new Set([...mine.keys(), ...Object.keys(theirs)])) {
      const own = mine.get(value)
      const other = theirs[value]?.replace(/\s+/g, ' ')
      const reason = codeReason(value, { own, other, mine })
      note(part, `${table.dir} ${id} ${value}`, { mine: own ?? '', theirs: other ?? '', reason })
    }
  }
}

function codeReason(
  value: string,
  {
    own,
    other,
    mine,
  }: { own: string | undefined; other: string | undefined; mine: ReadonlyMap<string, string> },
): string | null {
  if (other === undefined) return 'a value at the left edge, or behind a tab, that the other did not read'
  if (own === undefined) {
    if (!/^[A-Z0-9]+$/.test(value) || (value === 'No' && other === 'heading'))
      return 'words of a note, read as a value by the other'
    if (mine.get(`X${value}`) !== undefined) return 'a value that begins with X, read as a mark by the other'
    return deletedReason
  }
  if (own.startsWith(other)) return 'a name of several lines, of which the other has the first'
  if (!/^[ -~]*$/.test(other)) return 'letters that the other decoded in another charset'
  if (mine.get(`X${value}`) === other) return 'a value that begins with X, read as a mark by the other'
  return null
}

const deletedReason = 'a value that the text marks as deleted'
