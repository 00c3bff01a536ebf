import type { CodeName } from '#hub/model/codes/index.ts'
import { newId, type DocumentId } from '#hub/model/ids.ts'
import type { ReprocessStep } from '#hub/model/replay.ts'
import { appendEntries } from '#hub/store/entry.ts'
import type { ItemEnd } from '#hub/store/replay.ts'
import {
  agreementOfDelivery,
  insertReprocessed,
  lockReprocessable,
  type Reprocessable,
} from '#hub/store/replay-work.ts'
import type { ReplayWork } from './execute.ts'

/**
 * Makes a new document of the same message and has it processed from the step asked for. What was rejected stays rejected, what was
 * sent stays sent: the new one says whose successor it is.
 */
export async function reprocess({ client, replay, item, jobs, actor }: ReplayWork): Promise<ItemEnd> {
  const original = await lockReprocessable(client, item.documentId!)
  const from = replay.from ?? 'resolve'
  const refused = original === null ? 'notFound' : refusal(original, from)
  if (original === null || refused !== null) return { outcome: 'skipped', code: refused ?? 'notFound' }
  if (original.env !== replay.env) return { outcome: 'skipped', code: 'replayEnvironmentsMixed' }
  const { deliveryId } = item
  const agreement = deliveryId === null ? null : await agreementOfDelivery(client, original.id, deliveryId)
  const id = newId<DocumentId>()
  const mapping = replay.mapping ?? 'today'
  await insertReprocessed(client, id, original.id, {
    from,
    mapping,
    repeats: original.hasOutputs,
    ...(agreement !== null && { agreement }),
  })
  const { sender, transmissionId } = original
  const about = { partnerId: sender, actor }
  const { id: by, kind, reason } = replay
  await appendEntries(client, [
    {
      type: 'document.replayed',
      body: { replay: by, kind, made: id, reason },
      documentId: original.id,
      ...about,
    },
    {
      type: 'document.reprocessed',
      body: { replay: by, origin: original.id, from, mapping, reason },
      documentId: id,
      ...about,
    },
  ])
  jobs.process.add(transmissionId)
  return { outcome: 'done', madeId: id }
}

/** Why a document cannot be processed again from a step, or null. */
function refusal(original: Reprocessable, from: ReprocessStep): CodeName | null {
  const { processing, type, hasCanonical, hasSuccessor } = original
  if (type === 'acknowledgement') return 'replayNothing'
  if (processing === 'waiting' || processing === 'held') return 'replayNotDecided'
  if (from !== 'resolve' && !hasCanonical) return 'replayStepNotReached'
  // one that was rejected is mended once: what came of it is replayed then
  if (processing === 'rejected' && hasSuccessor) return 'replaySucceeded'
  return null
}
