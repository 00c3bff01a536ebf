import { appendFileSync } from 'node:fs'
import { inject } from 'vitest'
import { isLong } from './form.ts'
import type { FigureTable } from './tables.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The file that figures of a long run are gathered in; absent in a short one. */
    figuresFile?: string
  }
}

/** Keeps one row of a table, and prints it; in the short form it is printed nowhere and kept nowhere. */
export function figure(table: FigureTable, cells: readonly string[]): void {
  if (!isLong) return
  process.stdout.write(`${table}: ${cells.join(' | ')}\n`)
  const file = inject('figuresFile')
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ table, cells })}\n`)
}
