import { dayIn, instantOf, isWorkingDay } from '#hub/base/calendar.ts'
import type { Clock } from '#hub/base/clock.ts'
import type { ExpectTerms } from '#hub/model/agreement.ts'
import type { NewEntry } from '#hub/model/entries.ts'
import { namedId } from '#hub/model/ids.ts'
import type { NewNotice } from '#hub/model/notice.ts'
import type { Store } from '#hub/store/connect.ts'
import { appendEntries } from '#hub/store/entry.ts'
import { raiseNotices } from '#hub/store/notice.ts'
import {
  closeSilences,
  countCame,
  expectingAgreements,
  wasNoticed,
  type ExpectingAgreement,
} from '#hub/store/silence.ts'
import { inTransaction } from '#hub/store/transaction.ts'

/** What was due by now on an agreement's calendar. */
export interface Expectation {
  day: string
  from: Date
  dueAt: Date
  atLeast: number
}

/**
 * Says once of documents that were expected and did not come by their hour that there is silence, and closes what was said
 * with the first document that came after all. Returns how many silences were noticed now.
 */
export async function watchSilence(store: Store, clock: Clock): Promise<number> {
  const agreements = await expectingAgreements(store.worker)
  if (agreements.length === 0) return 0
  const now = clock.now()
  let noticed = 0
  for (const agreement of agreements) if (await noticeOne(store, agreement, now)) noticed++
  await closeSilences(store.worker)
  return noticed
}

/** What an agreement expected of this day so far; null on other days, and before the hour. */
export function expectationAt(
  { by, atLeast = 1, days, holidays = [], timeZone }: ExpectTerms & { timeZone: string },
  now: Date,
): Expectation | null {
  const day = dayIn(timeZone, now)
  const calendar = { timeZone, days: days ?? ['mon', 'tue', 'wed', 'thu', 'fri'], holidays }
  if (!isWorkingDay(calendar, day)) return null
  const dueAt = instantOf(timeZone, day, by)
  return now < dueAt ? null : { day, from: instantOf(timeZone, day, '00:00'), dueAt, atLeast }
}

async function noticeOne(store: Store, agreement: ExpectingAgreement, now: Date): Promise<boolean> {
  const { key, sender, expects, env, type } = agreement
  const expected = expectationAt({ ...expects, timeZone: expects.timeZone ?? agreement.timeZone }, now)
  if (expected === null) return false
  const cause = namedId('silence', key, expected.day)
  return inTransaction(store.worker, 'watch.silence', async (client) => {
    if (await wasNoticed(client, cause)) return false
    const came = await countCame(client, { key, sender, from: expected.from, atMost: expected.atLeast })
    if (came >= expected.atLeast) return false
    const dueAt = expected.dueAt.toISOString()
    const facts = { sender, env, type, agreement: key, dueAt }
    const notice = { kind: 'silence', cause, code: 'documentExpected', facts, count: 1 } as const
    const notices: NewNotice[] = [
      { ...notice, partnerId: null },
      { ...notice, partnerId: sender },
    ]
    await raiseNotices(client, notices)
    const entry: NewEntry = {
      type: 'silence.noticed',
      body: { agreement: key, dueAt, expected: expected.atLeast, came },
      partnerId: sender,
      actor: 'hub',
    }
    await appendEntries(client, [entry])
    return true
  })
}
