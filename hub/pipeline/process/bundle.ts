import { createHash } from 'node:crypto'
import { canonicalJson } from '#hub/base/canonical-json.ts'
import type { Clock } from '#hub/base/clock.ts'
import { limits } from '#hub/base/limits.ts'
import type { BundleFacts, BundleTerms } from '#hub/model/bundle.ts'
import { newId, type InterchangeId } from '#hub/model/ids.ts'
import {
  findOpenBundle,
  insertBundleItems,
  lockBundleKeys,
  putBundles,
  timeZoneOf,
  type Bundle,
  type BundleItem,
} from '#hub/store/bundle.ts'
import type { Client } from '#hub/store/connect.ts'
import { bundleDueAt } from './bundle-due.ts'
import type { ComputedDocument, ComputedWork } from './computed.ts'
import type { Rows } from './rows.ts'
import type { MappedOutput, WrittenOutput } from './stages.ts'
import { isBundled, outputRanges } from './write.ts'

/*
 * Outputs that leave with others: instead of a delivery each gets a place in the open bundle of its kind, in the transaction
 * that records its document.
 */

/** Locks the kinds of bundles that this work may add to; nothing where no profile asks for bundles. */
export async function lockBundles(client: Client, due: readonly ComputedWork[]): Promise<void> {
  const keys: string[] = []
  for (const { documents } of due)
    for (const { verdict } of documents)
      if (verdict.kind === 'mapped')
        for (const output of verdict.mapped.outputs)
          if (isBundled(output.agreement)) keys.push(keyOf(factsOf(output)))
  if (keys.length > 0) await lockBundleKeys(client, keys)
}

/** An output that waits for others, and its document. */
interface BundledOutput {
  document: ComputedDocument
  output: WrittenOutput
}

/** Gives each output its place in a bundle, and adds what else is recorded of that to the rows. */
export async function addToBundles(client: Client, rows: Rows, clock: Clock): Promise<void> {
  if (rows.bundled.length === 0) return
  const open = new Map<string, Bundle>()
  const full: Bundle[] = []
  const items: BundleItem[] = []
  for (const { document, output } of rows.bundled) {
    const { agreement, format, bundledAs: wireType = '' } = output
    const facts = factsOf({ agreement, message: { format, wireType } })
    const key = keyOf(facts)
    const terms = agreement.receiver.terms.bundle!
    let bundle = open.get(key) ?? (await findOpenBundle(client, key))
    if (bundle !== null && !hasRoom(bundle, terms, output.bytes.length)) {
      full.push({ ...bundle, dueAt: clock.now() })
      bundle = null
    }
    bundle ??= await openBundle(client, rows, { output, facts, now: clock.now() })
    bundle.documents += 1
    bundle.sizeBytes += output.bytes.length
    open.set(key, bundle)
    if (!hasRoom(bundle, terms, 1)) bundle.dueAt = earlier(bundle.dueAt, clock.now())
    items.push({
      bundleId: bundle.id,
      place: bundle.documents,
      documentId: document.documentId,
      agreementId: output.agreementId,
      partnerId: bundle.partnerId,
      payloadId: output.payloadId,
    })
    addEntry(rows, { document, output }, bundle)
  }
  await putBundles(client, [
    ...full.map((bundle) => ({ ...bundle, key: null })),
    ...[...open].map(([key, bundle]) => ({ ...bundle, key })),
  ])
  await insertBundleItems(client, items)
}

function hasRoom(
  { documents, sizeBytes }: Bundle,
  { maxDocuments = limits.bundleDocuments, maxBytes = limits.bundleBytes }: BundleTerms,
  bytes: number,
): boolean {
  return documents < maxDocuments && (documents === 0 || sizeBytes + bytes <= maxBytes)
}

function earlier(one: Date, other: Date): Date {
  return one < other ? one : other
}

async function openBundle(
  client: Client,
  rows: Rows,
  { output, facts, now }: { output: WrittenOutput; facts: BundleFacts; now: Date },
): Promise<Bundle> {
  const { agreement } = output
  const { partnerId } = agreement.receiver
  const id = newId<InterchangeId>()
  const zone = await timeZoneOf(client, partnerId)
  rows.interchanges.push({
    id,
    partner_id: partnerId,
    direction: 'out',
    transmission_id: null,
    position: 1,
    sender: agreement.wireSender,
    receiver: agreement.wireReceiver,
    reference: '',
    env: output.env,
    documents: 0,
    code: null,
    state: 'open',
    findings_id: null,
  })
  const dueAt = bundleDueAt(agreement.receiver.terms.bundle!, zone, now)
  return { id, partnerId, facts, dueAt, documents: 0, sizeBytes: 0 }
}

/** What all messages of a bundle have in common. */
function factsOf({
  agreement,
  message,
}: Pick<MappedOutput, 'agreement'> & { message: Written }): BundleFacts {
  const { receiver, channel, wireSender, wireReceiver } = agreement
  const facts: BundleFacts = {
    channel: { id: channel.id, key: channel.key },
    sender: wireSender,
    receiver: wireReceiver,
    format: message.format,
    wireType: message.wireType,
    write: receiver.terms.write ?? {},
    ranges: outputRanges(agreement),
    expectSyntaxWithinMinutes: receiver.terms.acknowledgements?.expectSyntaxWithinMinutes ?? null,
    orderKey: null,
  }
  const profile = `${receiver.id}|${agreement.sender.partnerId}`
  return { ...facts, orderKey: receiver.terms.ordered === true ? `bundle|${profile}|${channel.id}` : null }
}

type Written = Pick<MappedOutput['message'], 'format' | 'wireType'>

function keyOf(facts: BundleFacts): string {
  return createHash('sha256').update(canonicalJson(facts)).digest('hex')
}

function addEntry(rows: Rows, { document, output }: BundledOutput, { dueAt, partnerId }: Bundle): void {
  rows.entries.push({
    type: 'output.bundled',
    body: {
      channel: output.agreement.channel.key,
      format: output.format,
      sizeBytes: output.bytes.length,
      dueAt: dueAt.toISOString(),
    },
    partnerId,
    documentId: document.documentId,
    actor: 'hub',
  })
}
