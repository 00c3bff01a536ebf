import { existsSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { as2Report } from './as2.ts'
import { corpusReport } from './corpus.ts'
import { tablesReport } from './tables.ts'

/**
 * How the hub reads real documents and the directories, beside what others found in them: `npm run conformance -- PATH`. PATH
 * holds `corpus/` (documents with an index), `directories/tables/` and `vectors/as2/`, or is the first; by default
 * `../shared`. Exit code 1 where a difference has no reason.
 */
export interface Part {
  title: string
  /** What was compared, and how much of it agreed. */
  compared: number
  agreed: number
  /** Differences with a reason: how many of each. */
  explained: Map<string, number>
  /** Differences without one, in words. */
  unexplained: string[]
}

const [given = '../shared'] = process.argv.slice(2)
const folder = basename(resolve(given)) === 'corpus' ? dirname(resolve(given)) : resolve(given)
const parts: Part[] = []
if (existsSync(join(folder, 'directories/tables')))
  parts.push(...tablesReport(join(folder, 'directories/tables')))
if (existsSync(join(folder, 'corpus/INDEX.tsv'))) parts.push(...corpusReport(join(folder, 'corpus')))
if (existsSync(join(folder, 'vectors/as2'))) parts.push(...(await as2Report(join(folder, 'vectors/as2'))))
for (const part of parts) for (const line of linesOf(part)) process.stdout.write(`${line}\n`)
if (parts.length === 0) process.stdout.write(`${folder} has neither corpus, directories nor vectors\n`)
process.exitCode = parts.length > 0 && parts.every((part) => part.unexplained.length === 0) ? 0 : 1

function linesOf({ title, compared, agreed, explained, unexplained }: Part): string[] {
  const percent = compared === 0 ? '–' : `${((100 * agreed) / compared).toFixed(2)} %`
  return [
    `${title}: ${agreed} of ${compared} (${percent})`,
    ...[...explained].map(([reason, times]) => `  ${times} × ${reason}`),
    ...unexplained.slice(0, 50).map((one) => `  UNEXPLAINED ${one}`),
    ...(unexplained.length > 50 ? [`  … ${unexplained.length - 50} more`] : []),
  ]
}
