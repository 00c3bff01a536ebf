/** One line of the table: a figure of ours beside its limit or peer in the same run. */
export interface Row {
  bench: string
  what: string
  figure: string
  beside: string
  /** Ours divided by the peer's; null where there is no peer. */
  ratio: number | null
  reach: string
  /** Whether the first bar is reached; null where none is set. */
  reached: boolean | null
}

/** The rows as a Markdown table. */
export function tableOf(rows: readonly Row[]): string {
  const head = ['#', 'work', 'ours', 'beside it, in the same run', 'ratio', 'to reach', 'reached']
  const cells = rows.map(({ bench, what, figure, beside, ratio, reach, reached }) => [
    bench,
    what,
    figure,
    beside,
    ratio === null ? '–' : ratio.toFixed(2),
    reach,
    reached === null ? '–' : reached ? 'yes' : 'no',
  ])
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]!.length)),
  )
  const line = (row: string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...cells.map(line)].join(
    '\n',
  )
}
