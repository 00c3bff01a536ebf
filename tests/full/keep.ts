import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { figureTables, type FigureTable } from './tables.ts'

/** Gathers the figures of a long run, and puts each table that got rows between its marks in docs/full.md. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'crossdock-figures-'))
  const file = join(folder, 'figures')
  await writeFile(file, '')
  project.provide('figuresFile', file)
  return async () => {
    const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '')
    const rows = lines.map((line) => JSON.parse(line) as { table: FigureTable; cells: string[] })
    for (const table of Object.keys(figureTables) as FigureTable[]) {
      const own = rows.filter((row) => row.table === table).map(({ cells }) => cells)
      if (own.length > 0) await keep(table, own)
    }
    await rm(folder, { recursive: true, force: true })
  }
}

async function keep(table: FigureTable, rows: readonly string[][]): Promise<void> {
  const page = new URL('../../docs/full.md', import.meta.url)
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const head = figureTables[table]
  const when = `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, load average at the end ${loadavg()[0]!.toFixed(1)}.`
  const text = [when, '', line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
  const marks = new RegExp(`(<!-- last run: ${table} -->\\n)[\\s\\S]*?(<!-- end of ${table} -->)`)
  const before = await readFile(page, 'utf8')
  await writeFile(
    page,
    before.replace(marks, (_all, begin: string, end: string) => `${begin}\n${text}\n\n${end}`),
  )
}
