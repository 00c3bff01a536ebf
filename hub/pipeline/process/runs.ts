import { randomUUID } from 'node:crypto'
import { limits } from '#hub/base/limits.ts'
import type { TransmissionId } from '#hub/model/ids.ts'
import type { Queryable } from '#hub/store/connect.ts'
import { beginRun, type FileAtWork } from '#hub/store/process-run.ts'

interface AtWork {
  file: FileAtWork
}

export interface RunWork<Item extends AtWork> {
  work(items: Item[]): Promise<void>
  /** What becomes of one that as many processes died with as the limit allows. */
  giveUp(item: Item): Promise<void>
}

/** What this process has at work, known to the others in case it dies of it. */
export interface Runs {
  /**
   * Does all of `items` together, save those that a process died with: these come afterwards, one at a time, so that the
   * one that kills is found and its neighbours go on.
   */
  go<Item extends AtWork>(items: Item[], work: RunWork<Item>): Promise<void>
}

/**
 * The runs of one process. Its own are never held against a file: whoever can ask is alive, so an outage counts for
 * nothing, nor does a file that is split further than it was.
 */
export function createRuns(db: Queryable): Runs {
  const holder = randomUUID()
  const atWork = new Map<TransmissionId, FileAtWork>()
  const begin = async (items: AtWork[]): Promise<Map<TransmissionId, number>> => {
    for (const { file } of items) atWork.set(file.transmissionId, file)
    return beginRun(db, holder, [...atWork.values()])
  }
  const end = (items: AtWork[]): void => {
    for (const { file } of items) atWork.delete(file.transmissionId)
  }
  const during = async (
    items: AtWork[],
    work: (runs: Map<TransmissionId, number>) => Promise<void>,
  ): Promise<void> => {
    try {
      await work(await begin(items))
    } finally {
      end(items)
    }
  }
  return {
    go: async (items, { work, giveUp }) => {
      if (items.length === 0) return
      let suspects: typeof items = []
      await during(items, async (runs) => {
        suspects = items.filter(({ file }) => runs.has(file.transmissionId))
        if (suspects.length === 0) return work(items)
        suspects.sort((a, b) => runs.get(a.file.transmissionId)! - runs.get(b.file.transmissionId)!)
        end(suspects)
        const sound = items.filter((item) => !suspects.includes(item))
        if (sound.length > 0) await during(sound, () => work(sound))
      })
      for (const suspect of suspects) {
        await during([suspect], async (runs) => {
          const died = runs.get(suspect.file.transmissionId) ?? 0
          await (died >= limits.processTries ? giveUp(suspect) : work([suspect]))
        })
      }
    },
  }
}
