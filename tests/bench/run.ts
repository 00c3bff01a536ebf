import { cpus } from 'node:os'
import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { cmsRows } from './cms.ts'
import { startServer, type BenchServer } from './database.ts'
import { edifactRows } from './edifact.ts'
import { endToEndRows } from './end-to-end.ts'
import { mappingRows } from './mappings.ts'
import { latencyRow } from './latency.ts'
import { ledgerRows } from './ledger.ts'
import { receiveRows } from './receive.ts'
import { tableOf, type Row } from './table.ts'
import { xmlRows } from './xml.ts'

/*
 * `npm run bench`: the figures of docs/performance.md, each beside its limit or a peer measured in the same run. With
 * --quick a short form that writes nothing; with --only B1,B3 some of them; with --profile <folder> the hub's CPU profiles
 * of B3. Other programs on the machine move every rate; ratios and CPU time hold.
 */

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    profile: { type: 'string' },
  },
})

const wanted = values.only?.split(',') ?? ['B1', 'B2', 'B3', 'B4', 'B5', 'B6', 'B8', 'B10', 'B13']
const has = (...names: string[]): boolean => names.some((name) => wanted.includes(name))
const startedMs = performance.now()
const rows: Row[] = []

if (has('B4', 'B5')) await note(() => edifactRows(values))
if (has('B6')) await note(() => xmlRows(values))
if (has('B8')) await note(() => cmsRows(values))
if (has('B1', 'B2', 'B3', 'B10', 'B13')) {
  const server = await startServer()
  try {
    await withDatabase(server)
  } finally {
    await server.stop()
  }
}

const minutes = (performance.now() - startedMs) / 60_000
const where = `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, ${minutes.toFixed(1)} minutes.`
process.stdout.write(`\n${where}\n\n${tableOf(rows)}\n`)
if (!values.quick && values.only === undefined) await keep(`${where}\n\n${tableOf(rows)}`)

async function withDatabase(server: BenchServer): Promise<void> {
  if (has('B1')) await note(() => receiveRows(server, values))
  if (has('B2')) await note(async () => [await latencyRow(server, values)])
  if (has('B10')) await note(() => mappingRows(server, values))
  if (!has('B3', 'B13')) return
  const measured = await endToEndRows(server, values)
  await note(() => measured.rows)
  await note(() => ledgerRows(server, measured.main, values))
}

/** Each line is told as soon as it is measured. */
async function note(measure: () => Row[] | Promise<Row[]>): Promise<void> {
  for (const row of await measure()) {
    rows.push(row)
    const ratio = row.ratio === null ? '' : `, ratio ${row.ratio.toFixed(2)}`
    process.stdout.write(`${row.bench} ${row.what}: ${row.figure} (${row.beside}${ratio})\n`)
  }
}

/** Puts the table between the marks of docs/performance.md. */
async function keep(text: string): Promise<void> {
  const page = new URL('../../docs/performance.md', import.meta.url)
  const before = await readFile(page, 'utf8')
  const marks = /(<!-- last run -->\n)[\s\S]*?(<!-- end of last run -->)/
  await writeFile(
    page,
    before.replace(marks, (_all, begin: string, end: string) => `${begin}\n${text}\n\n${end}`),
  )
}
