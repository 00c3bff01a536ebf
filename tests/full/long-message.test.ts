import { expect, test } from 'vitest'
import { openArena, type Arena } from '../attacks/arena.ts'
import { orderOfLines } from '../attacks/bombs.ts'
import { byForm } from './form.ts'
import { figure } from './figures.ts'

/*
 * Messages that take seconds to compute are computed in a thread of their own: the doors and the documents of others do not wait,
 * and what is too much for the thread does not end the hub.
 */

test.each(byForm([30_000], [30_000, 200_000]))(
  'an order of %i lines is processed beside the others, which do not wait for it',
  { timeout: byForm(120_000, 900_000) },
  async (count) => {
    const arena = await openArena()
    try {
      await arena.expectAlive()
      await arena.vitals()
      const startedMs = performance.now()
      const long = arena.attack(orderOfLines(count), 600_000)
      await arena.expectAlive()
      expect((await long).documents).toMatchObject([{ processing: 'processed' }])
      const seconds = (performance.now() - startedMs) / 1000
      expect(await largeJobs(arena)).toContain('completed')
      const { peakMiB, lagMs } = await arena.vitals()
      const measured = [`${seconds.toFixed(1)} s`, `${Math.round(lagMs)} ms`, `${peakMiB} MiB`]
      figure('long', [`a good order of ${count} lines`, ...measured, 'processed'])
    } finally {
      await arena.close()
    }
  },
)

test(
  'R11 an order that is too much for the thread of large files is given up, its neighbours arrive, and the hub is the same process',
  { timeout: 240_000 },
  async () => {
    const arena = await openArena({ limits: 'largeThreadMegabytes=56' })
    try {
      await arena.expectAlive()
      const { hub } = arena
      const long = arena.attack(orderOfLines(120_000), 200_000)
      await arena.expectAlive()
      expect((await long).documents).toMatchObject([{ processing: 'rejected', code: 'CD-2014' }])
      await arena.expectAlive()
      expect(arena.hub).toBe(hub)
    } finally {
      await arena.close()
    }
  },
)

async function largeJobs({ database }: Arena): Promise<string[]> {
  const { rows } = await database.store.worker.query<{ state: string }>(
    `select state from pgboss.job where name = 'process_large'`,
  )
  return rows.map(({ state }) => state)
}
