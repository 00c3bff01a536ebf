import type { Agreements } from '#hub/model/agreement.ts'
import type { Store } from '#hub/store/connect.ts'
import { opaqueWay } from './opaque.ts'
import { pinnedRoute } from './pinned-route.ts'
import { route } from './route.ts'
import { snapshotOf, type Snapshot } from './snapshot.ts'
import { readConfiguration } from './store/configuration.ts'
import { configurationVersion } from './store/version.ts'

/** How long a snapshot is used before its version is compared again. */
const checkEveryMs = 1_000

/**
 * The agreements as process and deliver ask for them. The whole configuration stands in memory; whether it changed is asked
 * at most once a second, and at once when something was not found, so that what was applied a moment ago counts.
 */
export function createAgreements(store: Store): Agreements & { close(): void } {
  let held: Snapshot | null = null
  let checkedAt = 0
  let renewing: Promise<Snapshot> | null = null

  const renew = async (): Promise<Snapshot> => {
    const startedAt = performance.now()
    if (held === null || (await configurationVersion(store.worker)) !== held.version)
      held = snapshotOf(await readConfiguration(store))
    checkedAt = startedAt
    return held
  }
  // whoever asks while a check is under way waits for that one
  const renewed = (): Promise<Snapshot> => {
    renewing ??= renew().finally(() => {
      renewing = null
    })
    return renewing
  }
  const snapshot = async (): Promise<Snapshot> =>
    held === null || performance.now() - checkedAt >= checkEveryMs ? renewed() : held
  const lookUp = async <Found>(find: (at: Snapshot) => Found, missed: (found: Found) => boolean) => {
    const before = await snapshot()
    const found = find(before)
    if (!missed(found)) return found
    // a check that is under way may have begun before the change that is looked for
    if (renewing !== null) await renewing
    const after = await renewed()
    return after === before ? found : find(after)
  }

  return {
    resolve: (question) =>
      lookUp(
        (at) => route(at, question),
        (found) => found.kind === 'unresolved',
      ),
    resolvePinned: async (question, pins) => pinnedRoute(await snapshot(), question, pins),
    opaqueWay: async (file) => opaqueWay(await snapshot(), file),
    answerWay: (profile) =>
      lookUp(
        (at) => at.channelNamed(profile.partnerId, profile.terms.channel) ?? null,
        (found) => found === null,
      ),
    channel: (id) =>
      lookUp(
        (at) => at.channel(id) ?? null,
        (found) => found === null,
      ),
    close: () => {
      held = null
    },
  }
}
