import type { NewEntry } from '#hub/model/entries.ts'
import type { DocumentId, TransmissionId } from '#hub/model/ids.ts'
import type { JobQueue } from '#hub/model/queue.ts'
import type { Client } from '#hub/store/connect.ts'
import { appendEntries } from '#hub/store/entry.ts'
import { findInFront, releaseBehind } from '#hub/store/hold-order.ts'
import { lockNames } from '#hub/store/rail-window.ts'
import type { ComputedDocument, ComputedWork } from './computed.ts'
import { holdBatchOf } from './hold-row.ts'

/** One that is on hold. */
interface Place extends Position {
  batchId: string
}

/** A place in the order of acceptance, with the keys that it is kept for. */
interface Position {
  transmissionId: TransmissionId
  place: number
  documentId: DocumentId
  orderKeys: readonly string[]
}

/**
 * Holds documents of ordered flows behind earlier ones of their keys that are on hold, or that were released and have
 * not gone on yet; each right behind the last of those. Costs nothing where no flow is ordered.
 */
export async function holdBehind(client: Client, due: readonly ComputedWork[]): Promise<void> {
  const ordered = due
    .flatMap(({ documents }) => documents)
    .flatMap((document) => [document, ...(document.apart ?? [])])
    .filter(isOrdered)
  if (ordered.length === 0) return
  // of two that are recorded at once the second sees what became of the first
  await lockNames(
    client,
    ordered.flatMap(({ known }) => (known.agreements ?? []).map(({ channel }) => `order ${channel.id}`)),
  )
  const inFront: Place[] = await findInFront(
    client,
    ordered.flatMap((document) => placeOf(document).orderKeys),
  )
  for (const document of ordered.toSorted((a, b) => compare(placeOf(a), placeOf(b)))) {
    const place = placeOf(document)
    const last = inFront
      .filter(
        (each) => isFor(each, place) && each.documentId !== place.documentId && compare(each, place) < 0,
      )
      .toSorted(compare)
      .at(-1)
    if (last !== undefined && document.verdict.kind === 'mapped')
      document.verdict = {
        kind: 'held',
        code: 'heldBehind',
        rule: 'behind',
        step: 'judge',
        of: last.documentId,
        batchId: last.batchId,
      }
    if (document.verdict.kind === 'held')
      inFront.push({ ...place, batchId: holdBatchOf(document, document.verdict) })
  }
}

function isOrdered({ verdict, marks }: ComputedDocument): boolean {
  return marks?.orderKeys !== undefined && (verdict.kind === 'mapped' || verdict.kind === 'held')
}

function placeOf({ documentId, transmissionId, known, position, marks }: ComputedDocument): Position {
  const orderKeys = [...(marks?.orderKeys?.values() ?? [])]
  return { documentId, transmissionId, place: known.offset ?? position, orderKeys }
}

function isFor(one: Position, other: Position): boolean {
  return one.orderKeys.some((key) => other.orderKeys.includes(key))
}

/** Transmissions' ids go by the time of their arrival. */
function compare(one: Position, other: Position): number {
  if (one.transmissionId === other.transmissionId) return one.place - other.place
  return one.transmissionId < other.transmissionId ? -1 : 1
}

/**
 * Lets documents go on that waited behind these, in the transaction in which these went on or ended, or in one after it.
 * Returns how many.
 */
export async function goOnBehind(
  client: Client,
  queue: JobQueue,
  inFront: readonly DocumentId[],
): Promise<number> {
  const released = await releaseBehind(client, inFront)
  if (released.length === 0) return 0
  await appendEntries(
    client,
    released.map(({ id, sender }): NewEntry => ({
      type: 'document.released',
      body: { decision: 'released', reason: 'behind' },
      partnerId: sender,
      documentId: id,
      actor: 'hub',
    })),
  )
  await queue.process(client, [...new Set(released.map(({ transmissionId }) => transmissionId))])
  return released.length
}
