import { Worker } from 'node:worker_threads'
import { limits } from './base/limits.ts'
import type { Config } from './base/config.ts'
import type { Log } from './base/log.ts'
import type { TransmissionId } from './model/ids.ts'

/** What the thread is asked: to process these, and to say when it is done. */
export interface LargeRequest {
  number: number
  ids: readonly TransmissionId[]
}

/** `fault`: why it was not done, in English; null where it was. */
export interface LargeAnswer {
  number: number
  fault: string | null
}

export interface LargeThreadData {
  config: Config
  url: string
}

/** Large files, processed in a thread of their own. */
export interface LargeFiles {
  /** Does all that waits in these transmissions; throws where it was not done: ask again. */
  process(ids: readonly TransmissionId[]): Promise<void>
  /** Ends the thread; what it had at work is as if it had not begun, or stands where its last portion was committed. */
  close(): Promise<void>
}

interface Waiting {
  done(): void
  failed(error: Error): void
}

/**
 * Processes files with a long message in a thread, so that neither the answers at the doors nor the documents of others wait for the
 * seconds that many thousand lines take. The thread is started for the first file, has connections and keys of its own, and ends,
 * with all its memory, when nothing came for `limits.largeThreadIdleSeconds`. It may take `limits.largeThreadMegabytes`; where that is not enough
 * the thread dies, not the hub, and a file with which it died again and again is given up (see runs.ts).
 */
export function startLargeFiles(data: LargeThreadData, log: Log): LargeFiles {
  const waiting = new Map<number, Waiting>()
  let thread: Worker | null = null
  let idle: NodeJS.Timeout | null = null
  let asked = 0

  const lost = (ended: Worker, why: string): void => {
    if (thread !== ended) return
    thread = null
    const unanswered = [...waiting.values()]
    waiting.clear()
    for (const one of unanswered) one.failed(new Error(`the thread of large files ended: ${why}`))
  }
  const start = (): Worker => {
    log.debug('thread of large files starts')
    const started = new Worker(new URL('./large-thread.ts', import.meta.url), {
      workerData: data,
      resourceLimits: {
        maxOldGenerationSizeMb: limits.largeThreadMegabytes,
        maxYoungGenerationSizeMb: limits.largeThreadYoungMegabytes,
      },
    })
    started.on('message', ({ number, fault }: LargeAnswer) => {
      const one = waiting.get(number)
      waiting.delete(number)
      if (waiting.size === 0) rest()
      if (fault === null) one?.done()
      else one?.failed(new Error(fault))
    })
    started.on('error', (error) => lost(started, error.message))
    started.on('exit', () => lost(started, 'it was ended'))
    return started
  }
  const rest = (): void => {
    idle = setTimeout(() => void end(), limits.largeThreadIdleSeconds * 1000).unref()
  }
  const end = async (): Promise<void> => {
    const ended = thread
    if (ended === null) return
    lost(ended, 'the hub ends')
    await ended.terminate()
  }

  return {
    process: (ids) =>
      new Promise((done, failed) => {
        if (idle !== null) clearTimeout(idle)
        thread ??= start()
        const request: LargeRequest = { number: (asked += 1), ids }
        waiting.set(request.number, { done, failed })
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
        thread.postMessage(request)
      }),
    close: async () => {
      if (idle !== null) clearTimeout(idle)
      await end()
    },
  }
}
