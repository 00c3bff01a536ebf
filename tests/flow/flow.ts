import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { openSealer } from '#hub/keys/sealing.ts'
import type { Store } from '#hub/store/connect.ts'
import { applyConfiguration } from '#partners/apply.ts'
import { addCredential } from '#partners/credentials.ts'
import { addPerson } from '#portal/people/add-person.ts'
import { addPersonToken } from '#portal/people/token.ts'
import { startEndpoint, type Endpoint, type Receipt } from '../faults/endpoint.ts'
import { quick } from '../faults/stage.ts'
import { testDatabase } from '../support/database.ts'
import { startHubProcess, type HubProcess } from '../support/hub-process.ts'

/** A sender who posts orders as JSON, and receivers who get them as EDIFACT at endpoints that write down all that reaches them. */
export interface Flow {
  store: Store
  admin: pg.Pool
  url: string
  dataFolder: string
  receivers: FlowReceiver[]
  /** What reached all receivers, in order, repeats too. */
  receipts: Receipt[]
  operator: string
  start(role?: string): Promise<HubProcess>
  /** Applies the configuration with other terms of receivers' profiles and of agreements, as YAML of one line. */
  apply(terms: FlowTerms): Promise<void>
  /** Posts an order until the hub says yes; returns the exchange's id. */
  post(hub: HubProcess, order: FlowOrder): Promise<string>
  /** Asks the API as the operator. */
  ask(hub: HubProcess, method: string, path: string, body?: object): Promise<{ status: number; body: Answer }>
  close(): Promise<void>
}

// answers of the API, of which each test knows the form
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Answer = any

export interface FlowReceiver {
  key: string
  gln: string
  endpoint: Endpoint
}

export interface FlowTerms {
  profile?: string
  agreement?: string
  env?: 'test' | 'live'
}

export interface FlowOrder {
  number: string
  /** Which receiver, from 0. */
  to?: number
  /** A note, by which a test tells two orders of one number apart. */
  note?: string
  key?: string
}

const senderGln = '3012345000017'
const receiverGlns = ['5412345000013', '4098765000010', '4012345000009'] as const
export const operatorEmail = 'operator@hub.example'

export async function startFlow(
  terms: FlowTerms & { receivers?: number; limits?: Readonly<Record<string, number>> } = {},
): Promise<Flow> {
  const folder = await mkdtemp(join(tmpdir(), 'crossdock-flow-'))
  const dataFolder = join(folder, 'data')
  const { url, store, admin, drop } = await testDatabase()
  const sealer = await openSealer({ masterKey: null, dataFolder })
  const receipts: Receipt[] = []
  const receivers = await Promise.all(
    receiverGlns.slice(0, terms.receivers ?? 1).map(async (gln, index) => {
      const key = `receiver-${index + 1}`
      const log = (receipt: Receipt) => void receipts.push(receipt)
      return { key, gln, endpoint: await startEndpoint({ partner: key, channel: 'endpoint' }, log) }
    }),
  )
  const apply = async (wanted: FlowTerms): Promise<void> => {
    const files = [
      { path: 'sender.yaml', text: senderYaml },
      ...receivers.map((one) => ({ path: `${one.key}.yaml`, text: receiverYaml(one, wanted) })),
    ]
    await applyConfiguration({ store, sealer }, files, { actor: 'cli' })
  }
  await apply(terms)
  const { token } = await addCredential(store, {
    partnerKey: 'sender',
    channelKey: 'api',
    name: 'flow',
    actor: 'cli',
  })
  await addPerson(store, { email: operatorEmail, name: 'Op', role: 'operator', password: 'a long password' })
  const operator = await addPersonToken(store, { email: operatorEmail, name: 'flow', days: 1, actor: 'cli' })
  const hubs: HubProcess[] = []
  const limits = Object.entries({ ...quick, ...terms.limits }).map(([name, value]) => `${name}=${value}`)
  return {
    store,
    admin,
    url,
    dataFolder,
    receivers,
    receipts,
    operator,
    apply,
    start: async (role = 'all') => {
      const env = { CROSSDOCK_LIMITS: limits.join(), CROSSDOCK_LOG_LEVEL: 'info' }
      const hub = await startHubProcess({ databaseUrl: url, dataFolder, role, env })
      hubs.push(hub)
      return hub
    },
    post: (hub, order) => postUntilYes(hub, token, order, receivers),
    ask: (hub, method, path, body) => ask(hub, { token: operator, method, path, body }),
    close: async () => {
      for (const hub of hubs) await hub.stop()
      await Promise.all(receivers.map(({ endpoint }) => endpoint.close()))
      await drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const senderYaml = `partner:
  key: sender
  name: Verger du Nord
  identities: [{ scheme: gln, value: '${senderGln}', env: live }]
  channels: [{ key: api, kind: https, env: live }]
  profiles: [{ direction: sends, env: live, type: order, format: json, mapping: order/json, channel: api }]
`

function receiverYaml({ key, gln, endpoint }: FlowReceiver, { profile, agreement }: FlowTerms): string {
  return `partner:
  key: ${key}
  name: ${key}
  identities: [{ scheme: gln, value: '${gln}', env: live }]
  channels:
    - key: endpoint
      kind: https
      env: live
      peerDedupes: true
      settings: { url: '${endpoint.address}', allowAddresses: ['127.0.0.1/32'] }
      secrets: { webhook_secret: { value: whsec_${Buffer.from('a secret for the flow').toString('base64')} } }
  profiles:
    - direction: receives
      env: live
      type: order
      format: edifact
      mapping: order/edifact-d96a
      channel: endpoint
${profile === undefined ? '' : `      ${profile}\n`}---
agreement:
  key: orders-to-${key}
  sender: { partner: sender, env: live, type: order }
  receiver: { partner: ${key} }
  terms: {${agreement ?? ''}}
`
}

async function postUntilYes(
  hub: HubProcess,
  token: string,
  order: FlowOrder,
  receivers: readonly FlowReceiver[],
): Promise<string> {
  const body = JSON.stringify(orderOf(order, receivers[order.to ?? 0]!.gln))
  const key = order.key ?? `${order.number}-${order.to ?? 0}-${order.note ?? ''}`
  for (;;) {
    const answer = await fetch(`${hub.http}/v1/documents`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'idempotency-key': key },
      body,
    })
    const text = await answer.text()
    if (answer.status === 202) return (JSON.parse(text) as { id: string }).id
    if (answer.status !== 503) throw new Error(`${answer.status} ${text}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function orderOf({ number, note }: FlowOrder, to: string) {
  const party = (id: string) => ({ party: { partyIdentification: [{ id, schemeId: '0088' }] } })
  return {
    type: 'order',
    version: '1',
    id: number,
    issueDate: '2026-11-19',
    function: 'original',
    ...(note !== undefined && { note: [note] }),
    buyerCustomerParty: party(senderGln),
    sellerSupplierParty: party(to),
    orderLine: [
      {
        lineItem: {
          id: '1',
          quantity: { value: '6', unitCode: 'PCE' },
          item: {
            name: 'Speculoos',
            standardItemIdentification: { id: '5412345001027', schemeId: '0160' },
          },
        },
      },
    ],
  }
}

async function ask(
  hub: HubProcess,
  { token, method, path, body }: { token: string; method: string; path: string; body?: object | undefined },
): Promise<{ status: number; body: Answer }> {
  const answer = await fetch(`${hub.http}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: await answer.json() }
}
