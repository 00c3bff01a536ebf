import type { Store } from './connect.ts'

/** Whether the database answers; false after two seconds without an answer. */
export async function databaseAnswers(store: Store): Promise<boolean> {
  const silence = new Promise<false>((resolve) => setTimeout(() => resolve(false), 2_000).unref())
  const answer = store.worker.query('select 1').then(
    () => true,
    () => false,
  )
  return Promise.race([answer, silence])
}
