import { exportLedger } from '#hub/ledger/export.ts'
import { verifyExport } from '#hub/ledger/verify.ts'
import { findBrokenFacts } from '#hub/store/checks.ts'
import { readPayload } from '#hub/store/payload.ts'
import type { PayloadId } from '#hub/model/ids.ts'
import type { Sealer } from '#hub/keys/sealing.ts'
import type { Store } from '#hub/store/connect.ts'
import { until } from '../support/poll.ts'
import type { Receipt } from './endpoint.ts'
import { serialIn, sha256Of, type Order } from './orders.ts'

/**
 * Holds the hub against the truth outside it: what was generated (G), what it said yes to (A), what it has (D), what
 * reached the partners (R) and what its ledger says (L). Each invariant gives what is wrong, in words; nothing is good.
 */
export interface Evidence {
  generated: readonly Order[]
  /** Those of the generated ones to which the hub said yes. */
  accepted: Iterable<Order>
  receipts: readonly Receipt[]
  store: Store
  sealer: Sealer
}

/** I1 to I7 and the nine checks; what I8 and I9 ask is measured while it runs. */
export async function wrongs(evidence: Evidence): Promise<string[]> {
  const found = await Promise.all([
    acceptedIsThere(evidence),
    nothingIsStuck(evidence),
    oneIdentityEach(evidence),
    onlyWhatWasRouted(evidence),
    ledgerTellsTheState(evidence),
    orderWasKept(evidence),
    brokenFacts(evidence),
  ])
  return found.flat()
}

/**
 * I1, and I6 where the hub or its database was killed after the yes: each accepted order is there, with exactly the bytes
 * that were sent; and it is one document, however often it was sent.
 */
export async function acceptedIsThere({ accepted, store, sealer }: Evidence): Promise<string[]> {
  const kept = await store.worker.query<{ sha256: string; id: PayloadId }>(
    `select encode(p.sha256, 'hex') as sha256, p.id
     from transmission t join payload p on p.id = t.raw_id where t.direction = 'in' and t.state = 'accepted'`,
  )
  const payloads = new Map(kept.rows.map(({ sha256, id }) => [sha256, id]))
  const counted = await store.worker.query<{ number: string; n: number }>(
    `select number, count(*)::int as n from document
     where processing = 'processed' and origin_id is null group by number`,
  )
  const documents = new Map(counted.rows.map(({ number, n }) => [number, n]))
  const wrong: string[] = []
  for (const { serial, sha256 } of accepted) {
    const id = payloads.get(sha256)
    if (id === undefined) wrong.push(`I1: order ${serial} was accepted and is not there`)
    else if (sha256Of(await readPayload(store.worker, sealer, id)) !== sha256)
      wrong.push(`I1: order ${serial} has other bytes`)
    if ((documents.get(serial) ?? 0) !== 1)
      wrong.push(`I1: order ${serial} is ${documents.get(serial) ?? 0} processed documents`)
  }
  return wrong
}

/** I2: every document and every delivery has ended, or says why it waits. */
export async function nothingIsStuck({ store }: Evidence): Promise<string[]> {
  const { rows } = await store.worker.query<{ what: string }>(
    `select 'document ' || id || ' waits at ' || resume_at as what from document where processing = 'waiting'
     union all
     select 'document ' || id || ' is ' || processing || ' without a code' from document
     where processing in ('rejected', 'held') and code is null
     union all
     select 'delivery ' || id || ' is ' || state from delivery
     where state = 'sending' or state = 'waiting' and code is null
       or state = 'pending' and due_at is null
     union all
     select 'file ' || id || ' came to nothing' from transmission t
     where direction = 'in' and state = 'accepted' and kind = 'file'
       and not exists (select from document d where d.transmission_id = t.id)`,
  )
  return rows.map(({ what }) => `I2: ${what}`)
}

/** I3: whoever got an order got it under one identity, and every time with the same bytes. */
export async function oneIdentityEach({ receipts }: Evidence): Promise<string[]> {
  const groups = Map.groupBy(
    receipts,
    ({ partner, channel, identity, bytes }) => `${partner} ${channel} ${serialIn(bytes) ?? identity}`,
  )
  return [...groups].flatMap(([who, repeats]) => {
    const identities = new Set(repeats.map(({ identity }) => identity))
    const contents = new Set(repeats.map(({ sha256 }) => sha256))
    const wrong: string[] = []
    if (identities.size > 1) wrong.push(`I3: ${who} under ${[...identities].join(', ')}`)
    if (contents.size > 1) wrong.push(`I3: ${who} with ${contents.size} contents`)
    return wrong
  })
}

/** I4: what reached a partner was meant for it: a delivery over that channel, of that name and with these bytes. */
export async function onlyWhatWasRouted({ receipts, generated, store }: Evidence): Promise<string[]> {
  const { rows } = await store.worker.query<{ way: string }>(
    `select concat_ws(' ', a.key, c.key, d.wire_id, encode(p.sha256, 'hex')) as way
     from delivery d join channel c on c.id = d.channel_id join partner a on a.id = d.partner_id
     join payload p on p.id = d.payload_id`,
  )
  const ways = new Set(rows.map(({ way }) => way))
  const serials = new Set(generated.map(({ serial }) => serial))
  return receipts.flatMap(({ partner, channel, identity, sha256, bytes }) => {
    const wrong: string[] = []
    if (!ways.has(`${partner} ${channel} ${identity} ${sha256}`))
      wrong.push(`I4: ${partner} got ${identity} over ${channel}, and no delivery says so`)
    const serial = serialIn(bytes)
    if (serial !== null && !serials.has(serial)) wrong.push(`I4: nobody made order ${serial}`)
    return wrong
  })
}

/** I5: the ledger verifies, and its entries alone tell the state of every document and delivery. */
export async function ledgerTellsTheState({ store }: Evidence): Promise<string[]> {
  await until('every entry has its place', async () => {
    const { rows } = await store.worker.query<{ n: number }>('select count(*)::int as n from ledger_waiting')
    return rows[0]!.n === 0 ? true : null
  })
  const bytes = (async function* () {
    const lines = exportLedger(store.worker, { partnerId: null, kept: null })
    for await (const line of lines) yield Buffer.from(line)
  })()
  const { fault, entries } = await verifyExport(bytes, { kept: null, key: null })
  const wrong = fault === null ? [] : [`I5: the ledger breaks at ${fault.index}: ${fault.reason}`]
  const { rows } = await store.worker.query<FoldedEntry>(
    `select type, document_id, delivery_id, convert_from(body, 'UTF8')::jsonb as body
     from entry e join entry_place p on p.id = e.id order by p.idx`,
  )
  if (rows.length !== entries) wrong.push(`I5: ${entries} entries verified of ${rows.length}`)
  const told = fold(rows)
  const states = await store.worker.query<{ id: string; state: string }>(
    `select id, processing as state from document union all select id, state from delivery`,
  )
  for (const { id, state } of states.rows) {
    const said = told.get(id) ?? 'waiting'
    if (said !== state) wrong.push(`I5: ${id} is ${state}, and the ledger says ${said}`)
  }
  return wrong
}

interface FoldedEntry {
  type: string
  document_id: string | null
  delivery_id: string | null
  body: { decision?: string }
}

const deliveryStates: Readonly<Record<string, string>> = {
  'delivery.attempted': 'sending',
  'delivery.pending': 'pending',
  'delivery.delivered': 'delivered',
  'delivery.retrying': 'waiting',
  'delivery.refused': 'refused',
  'delivery.held': 'held',
  'delivery.stopped': 'stopped',
  'delivery.released': 'waiting',
  'delivery.repeated': 'waiting',
}
const documentStates: Readonly<Record<string, string>> = {
  'document.processed': 'processed',
  'document.matched': 'processed',
  'document.rejected': 'rejected',
  'document.held': 'held',
  'document.duplicate': 'duplicate',
}

function fold(entries: readonly FoldedEntry[]): Map<string, string> {
  const states = new Map<string, string>()
  for (const { type, document_id: document, delivery_id: delivery, body } of entries) {
    const ofDelivery = deliveryStates[type]
    if (delivery !== null && ofDelivery !== undefined) states.set(delivery, ofDelivery)
    if (document === null) continue
    const released = body.decision === 'released' ? 'waiting' : 'rejected'
    const state = type === 'document.released' ? released : documentStates[type]
    if (state !== undefined) states.set(document, state)
  }
  return states
}

/** I7: what is to come in order came in order. */
export async function orderWasKept({ receipts, store }: Evidence): Promise<string[]> {
  const { rows } = await store.worker.query<{ order_key: string; wire_id: string }>(
    `select order_key, wire_id from delivery where order_key is not null
     order by order_key, order_no, order_place, id`,
  )
  const firsts = new Map<string, number>()
  receipts.forEach(({ identity }, index) => {
    if (!firsts.has(identity)) firsts.set(identity, index)
  })
  const wrong: string[] = []
  for (const [key, deliveries] of Map.groupBy(rows, (row) => row.order_key)) {
    const came = deliveries.flatMap(({ wire_id }) => firsts.get(wire_id) ?? [])
    if (came.some((index, place) => place > 0 && index < came[place - 1]!))
      wrong.push(`I7: ${key} came out of order`)
  }
  return wrong
}

async function brokenFacts({ store }: Evidence): Promise<string[]> {
  const broken = await findBrokenFacts(store.worker, null)
  return broken.map(({ check, id, text }) => `${check}: ${text} (${id})`)
}

/** I8: the hub's memory and the longest turn of its event loop, as its own /metrics tell. */
export async function measured(http: string): Promise<{ residentBytes: number; lagSeconds: number }> {
  const text = await (await fetch(`${http}/metrics`)).text()
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? NaN)
  return {
    residentBytes: value('process_resident_memory_bytes'),
    lagSeconds: value('nodejs_eventloop_lag_max_seconds'),
  }
}
