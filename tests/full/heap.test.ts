import { expect, test } from 'vitest'
import { bombs } from '../attacks/bombs.ts'
import { openArena } from '../attacks/arena.ts'
import { expectNamedEnd } from '../attacks/verdict.ts'
import { residentMiB } from '../support/resident.ts'
import { byForm, isLong } from './form.ts'
import { figure } from './figures.ts'

/*
 * Files of up to 90 MiB made to fill a reader's memory or time, each posted to a hub of its own: the peak of that process's
 * memory and the longest pause of its event loop. The short form takes a few of them, and one hub for all.
 */

const MiB = 1024 * 1024

/** Most that the hub's process may come to. A document of as many lines as one may have, which is good, comes to more. */
const mostMiB = 900
const good = 'EDIFACT: an order of 200,000 lines'

const few = [
  'JSON: one text',
  'JSON: empty objects and arrays',
  'XML: texts and comments by turns',
  'EDIFACT: tiny segments outside any message',
  'EDIFACT: headers of groups',
]

test(
  'files made to fill memory are refused, and memory stays bounded',
  { timeout: byForm(120_000, 3_600_000) },
  async () => {
    const chosen = Object.entries(bombs).filter(([name]) => isLong || few.includes(name))
    let arena = await openArena()
    try {
      for (const [name, make] of chosen) {
        await arena.expectAlive()
        await arena.vitals()
        const startedMs = performance.now()
        const size = name === 'EDIFACT: full segments of one message' ? 60 * MiB : 90 * MiB
        const { documents, findings } = await arena.attack(make(byForm(8 * MiB, size)), 900_000)
        const seconds = (performance.now() - startedMs) / 1000
        const { lagMs, peakMiB } = await arena.vitals()
        if (name !== good) expectNamedEnd(documents, findings, name)
        await arena.expectAlive()
        if (peakMiB !== null && name !== good) expect(peakMiB, name).toBeLessThan(mostMiB)
        if (!isLong) continue
        const memory = `${peakMiB ?? '–'} MiB at most, ${residentMiB(arena.hub.child.pid!)?.now ?? '–'} then`
        const end = documents[0]?.code ?? documents[0]?.processing ?? ''
        figure('heap', [name, memory, `${Math.round(lagMs)} ms`, `${seconds.toFixed(0)} s`, end])
        await arena.close()
        arena = await openArena()
      }
    } finally {
      await arena.close()
    }
  },
)
