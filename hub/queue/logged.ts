import type { Log } from '#hub/base/log.ts'

interface QueuedJob {
  id: string
  name: string
}

/** A handler whose failures are logged: the queue keeps them with the job, where nobody looks, and tries again. */
export function logged<Job extends QueuedJob>(
  log: Log,
  handle: (jobs: Job[]) => Promise<void>,
): (jobs: Job[]) => Promise<void> {
  return async (jobs) => {
    try {
      await handle(jobs)
    } catch (error) {
      log.error({ err: error, queue: jobs[0]?.name, jobs: jobs.length }, 'jobs failed')
      throw error
    }
  }
}
