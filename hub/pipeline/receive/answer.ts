import { HubError } from '#hub/model/errors.ts'
import type { Incoming, ReceivedFacts } from '#hub/model/transport.ts'

/**
 * The answer that is kept with the file, so that a repeat gets the same one; null where the door answers with a status
 * alone. It is composed before the commit, and given only after it. Throws HubError `unexpected` for a fault of the door's
 * own.
 */
export async function answer(incoming: Incoming, facts: ReceivedFacts): Promise<Buffer | null> {
  if (incoming.answer === undefined) return null
  try {
    return await incoming.answer(facts)
  } catch (error) {
    throw new HubError('unexpected', 'composing the answer failed', { cause: error })
  }
}
