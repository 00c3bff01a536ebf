import { limits } from '#hub/base/limits.ts'
import { compareDecimals, sumDecimals, type Measures } from '#hub/canonical/index.ts'
import type { RailWindow } from '#hub/model/rails.ts'
import type { Client } from '#hub/store/connect.ts'
import {
  addToWindows,
  countWindows,
  lockNames,
  type WindowCount,
  type WindowKey,
} from '#hub/store/rail-window.ts'
import type { ComputedDocument, ComputedWork } from './computed.ts'
import { dayBatchOf } from './hold-row.ts'

/** A window of an agreement, with what was counted before this transaction and what it adds. */
interface Counting extends WindowKey {
  window: RailWindow
  before: WindowCount
  added: WindowCount
}

/**
 * Counts the documents of agreements with windows and holds those with which more would go through in its time than the
 * agreement lets through by itself. Workers that count for one agreement go one after the other, until their
 * transactions end. What a person or a repair lets go on is not counted.
 */
export async function holdByWindows(client: Client, due: readonly ComputedWork[]): Promise<void> {
  const arrived = due.flatMap(({ task, documents }) => (task.kind === 'split' ? documents : []))
  const windows = await openWindows(client, arrived)
  if (windows.size === 0) return
  for (const document of arrived) {
    const own = [...windowKeysOf(document)].flatMap(([key]) => windows.get(key) ?? [])
    if (own.length > 0) judgeByWindows(document, own)
  }
  await addToWindows(
    client,
    [...windows.values()].map(({ agreement, minutes, added }) => ({ agreement, minutes, ...added })),
  )
}

async function openWindows(
  client: Client,
  documents: readonly ComputedDocument[],
): Promise<Map<string, Counting>> {
  const wanted = new Map(documents.flatMap((document) => [...windowKeysOf(document)]))
  if (wanted.size === 0) return new Map()
  const keys = [...wanted.values()]
  await lockNames(
    client,
    keys.map(({ agreement }) => `rails ${agreement}`),
  )
  const counts = await countWindows(client, keys)
  return new Map(
    [...wanted].map(([key, each], at) => [key, { ...each, before: counts[at]!, added: nothing() }]),
  )
}

function* windowKeysOf({ known }: ComputedDocument): Generator<[string, WindowKey & { window: RailWindow }]> {
  for (const { key: agreement, terms } of known.agreements ?? [])
    for (const window of terms.rails?.windows ?? [])
      yield [`${agreement} ${window.minutes}`, { agreement, minutes: window.minutes, window }]
}

function nothing(): WindowCount {
  return { documents: 0, repeats: 0, passed: 0, quantity: '0', amount: '0', bytes: 0 }
}

/** One that is held or ended already only counts as having come. */
function judgeByWindows(document: ComputedDocument, windows: readonly Counting[]): void {
  for (const { added } of windows) {
    added.documents += 1
    if (document.repeat !== undefined) added.repeats += 1
  }
  const { known, verdict } = document
  const measures = document.marks?.measures
  if (verdict.kind !== 'mapped' || measures === undefined) return
  const sizeBytes = known.length ?? 0
  for (const counting of windows) {
    const passed = passedIn(counting, measures, sizeBytes)
    if (passed === null) continue
    const rule = `windows.${counting.minutes}.${passed}`
    const batchId = dayBatchOf(counting.agreement, rule, document.transmissionId)
    document.verdict = { kind: 'held', code: 'railWindow', rule, step: 'judge', batchId }
    return
  }
  for (const { added } of windows) {
    added.passed += 1
    added.quantity = sumDecimals([added.quantity, measures.quantity])
    added.amount = sumDecimals([added.amount, measures.amount ?? '0'])
    added.bytes += sizeBytes
  }
}

/** What would be passed if the document went through, or null. An amount that cannot be known does not pass for a small one. */
function passedIn(
  { window, before, added }: Counting,
  { quantity, amount }: Measures,
  sizeBytes: number,
): keyof RailWindow | null {
  const { countMax, quantityMax, amountMax, sizeMax, duplicatesMaxPercent } = window
  const isAbove = (max: string | undefined, parts: string[]) =>
    max !== undefined && compareDecimals(sumDecimals(parts), max) > 0
  if (countMax !== undefined && before.passed + added.passed + 1 > countMax) return 'countMax'
  if (isAbove(quantityMax, [before.quantity, added.quantity, quantity])) return 'quantityMax'
  if (amountMax !== undefined && amount === null) return 'amountMax'
  if (isAbove(amountMax, [before.amount, added.amount, amount ?? '0'])) return 'amountMax'
  if (sizeMax !== undefined && before.bytes + added.bytes + sizeBytes > sizeMax) return 'sizeMax'
  const documents = before.documents + added.documents
  const repeats = before.repeats + added.repeats
  const isRate = duplicatesMaxPercent !== undefined && documents >= limits.railRateDocuments
  if (isRate && repeats * 100 > documents * duplicatesMaxPercent) return 'duplicatesMaxPercent'
  return null
}
