import { expect } from 'vitest'
import { codes } from '#hub/model/codes/index.ts'
import type { Finding } from '#hub/model/findings.ts'
import type { Arena } from './arena.ts'

/** Codes that say that the hub itself went wrong on a file: none of them is an answer to what a partner sends. */
const ownFaults: readonly string[] = [
  codes.readerFailed,
  codes.mappingFailed,
  codes.notRecorded,
  codes.unexpected,
].map(({ code }) => code)

/** Ends of a document that ask nothing more of the hub. */
const ends = ['processed', 'rejected', 'duplicate', 'held']

/** What an end is judged by: a document as the API or the database shows it. */
export interface Ended {
  processing: string
  code: string | null
}

/**
 * Every document has come to an end that is no fault of the hub; what was refused has a code, and a finding that says where.
 * `what` names the file where an expectation fails.
 */
export function expectNamedEnd(
  documents: readonly Ended[],
  findings: readonly Finding[],
  what: string,
): void {
  expect(documents.length, `${what}: something came of it`).toBeGreaterThan(0)
  for (const { processing, code } of documents) {
    expect(ends, what).toContain(processing)
    expect(ownFaults, what).not.toContain(code)
    if (processing === 'rejected') expect(code, what).toMatch(/^CD-\d{4}$/)
  }
  if (!documents.some(({ processing }) => processing === 'rejected')) return
  expect(findings.some(hasPlace), `${what}: ${JSON.stringify(documents)} ${JSON.stringify(findings)}`).toBe(
    true,
  )
}

function hasPlace({ position }: Finding): boolean {
  return Object.keys(position).length > 0
}

/** Most that the hub's memory may have come to under a file's attack, and the longest pause of its event loop on a busy machine. */
const mostMiB = 700
const mostLagMs = 3_000

/** The hub lives, others' documents pass, and neither its memory nor its event loop suffered since this was asked last. */
export async function expectUnharmed(arena: Arena): Promise<void> {
  await arena.expectAlive()
  const { lagMs, peakMiB } = await arena.vitals()
  expect(lagMs).toBeLessThan(mostLagMs)
  if (peakMiB !== null) expect(peakMiB).toBeLessThan(mostMiB)
}
