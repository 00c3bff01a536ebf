import { readFile } from 'node:fs/promises'
import SftpClient from 'ssh2-sftp-client'
import { applyConfiguration } from '#partners/apply.ts'
import { addCredential } from '#partners/credentials.ts'
import { startSupplierSftp } from '#hub/cli/demo/supplier-sftp.ts'
import { openSealer, type Sealer } from '#hub/keys/sealing.ts'
import type { Store } from '#hub/store/connect.ts'
import type { HubProcess } from '../support/hub-process.ts'
import { startEndpoint, type Endpoint, type Receipt } from './endpoint.ts'
import { sha256Of, type Order } from './orders.ts'

/**
 * Two partners outside the hub: what they send by their own rules (again and again until they heard yes, always with
 * the same identity), and a record of each byte that reaches them, which is the truth of what was delivered.
 */
export interface Scene {
  token: string
  endpoint: Endpoint
  /** R: what reached the partners, in order, repeats too. */
  receipts: Receipt[]
  /** Opens what the hub sealed. */
  sealer: Sealer
  close(): Promise<void>
}

/** A hub as its partners see it. */
export type Reached = Pick<HubProcess, 'http' | 'sftpPort' | 'ended'>

const demo = new URL('../../hub/cli/demo/', import.meta.url)
const passwords = {
  retailer: 'retailer-password-1',
  supplier: 'supplier-password-1',
  server: 'server-password-1',
}
const users = { retailer: 'maison-verdier', supplier: 'brouwer' } as const
export type Collector = keyof typeof users
const webhookSecret = `whsec_${Buffer.from('a webhook secret for the sweep').toString('base64')}`

/** Starts the partners' ends and configures the hub for them, with the demo's own configuration. */
export async function setScene(store: Store, dataFolder: string): Promise<Scene> {
  const receipts: Receipt[] = []
  const supplier = { partner: users.supplier }
  const endpoint = await startEndpoint({ ...supplier, channel: 'endpoint' }, (receipt) =>
    receipts.push(receipt),
  )
  const server = await startSupplierSftp('crossdock', passwords.server, ({ name, bytes }) =>
    receipts.push({ ...supplier, channel: 'server', identity: name, sha256: sha256Of(bytes), bytes }),
  )
  const values: Record<string, string> = {
    RETAILER_PASSWORD: passwords.retailer,
    SUPPLIER_PASSWORD: passwords.supplier,
    SUPPLIER_ENDPOINT: endpoint.address,
    SUPPLIER_WEBHOOK_SECRET: webhookSecret,
    SUPPLIER_SFTP_PORT: String(server.port),
    SUPPLIER_SFTP_HOST_KEY: server.hostKey,
    SUPPLIER_SFTP_PASSWORD: passwords.server,
  }
  const sealer = await openSealer({ masterKey: null, dataFolder })
  const files = await Promise.all(
    ['retailer.yaml', 'supplier.yaml', 'agreements.yaml'].map(async (name) => {
      const text = await readFile(new URL(`config/${name}`, demo), 'utf8')
      return { path: name, text: text.replace(/\$\{([A-Z_]+)\}/g, (_whole, key: string) => values[key]!) }
    }),
  )
  await applyConfiguration({ store, sealer }, files, { actor: 'cli' })
  const { token } = await addCredential(store, {
    partnerKey: users.retailer,
    channelKey: 'api',
    name: 'sweep',
    actor: 'cli',
  })
  return {
    token,
    endpoint,
    receipts,
    sealer,
    close: async () => {
      await Promise.all([endpoint.close(), server.close()])
    },
  }
}

/** What the hub said to a sender: yes, or why not. */
export interface Said {
  yes: boolean
  /** HTTP status or SFTP status code; null where the connection failed. */
  status: number | null
  retryAfter: string | null
  text: string
}

const nothingSaid = (error: unknown): Said => ({
  yes: false,
  status: null,
  retryAfter: null,
  text: error instanceof Error ? error.message : String(error),
})

/** One try to post a document. */
export async function post(hub: Reached, token: string, order: Order, key = order.name): Promise<Said> {
  try {
    const response = await fetch(`${hub.http}/v1/documents`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'idempotency-key': key },
      body: new Uint8Array(order.bytes),
      signal: AbortSignal.timeout(30_000),
    })
    const text = await response.text()
    const retryAfter = response.headers.get('retry-after')
    return { yes: response.status === 202, status: response.status, retryAfter, text }
  } catch (error) {
    return nothingSaid(error)
  }
}

/** One try to upload a document, over a connection of its own. */
export async function upload(hub: Reached, order: Order): Promise<Said> {
  return withMailbox(hub, 'retailer', (mailbox) => put(mailbox, order))
}

/** One try to collect what lies in a mailbox: what was read goes into the receipts. */
export async function collect(hub: Reached, who: Collector, receipts: Receipt[]): Promise<Said> {
  return withMailbox(hub, who, async (mailbox) => {
    await takeOut(mailbox, who, receipts)
    return { yes: true, status: 0, retryAfter: null, text: '' }
  })
}

/** One try to put a file into an open mailbox; yes is the OK to its closing. */
export async function put(mailbox: SftpClient, order: Order): Promise<Said> {
  try {
    await mailbox.put(order.bytes, `/inbox/${order.name}`)
    return { yes: true, status: 0, retryAfter: null, text: '' }
  } catch (error) {
    const { code } = error as { code?: unknown }
    return { ...nothingSaid(error), status: typeof code === 'number' ? code : null }
  }
}

/** Reads every file of an open mailbox, which is how it is collected. */
export async function takeOut(mailbox: SftpClient, who: Collector, receipts: Receipt[]): Promise<void> {
  for (const { name } of await mailbox.list('/outbox')) {
    const bytes = (await mailbox.get(`/outbox/${name}`)) as Buffer
    const about = { partner: users[who], channel: 'mailbox' }
    receipts.push({ ...about, identity: name, sha256: sha256Of(bytes), bytes })
  }
}

/** Opens a mailbox of the hub as its partner does. Rejects where the hub does not let it in. */
export async function openMailbox(hub: Reached, who: Collector): Promise<SftpClient> {
  const client = new SftpClient('sweep', { error: () => {}, end: () => {}, close: () => {} })
  await client.connect({
    host: '127.0.0.1',
    port: hub.sftpPort,
    username: users[who],
    password: passwords[who],
    readyTimeout: 20_000,
  })
  return client
}

async function withMailbox(
  hub: Reached,
  who: Collector,
  work: (mailbox: SftpClient) => Promise<Said>,
): Promise<Said> {
  const died = hub.ended.then(() => nothingSaid('the hub has ended'))
  let client: SftpClient | null = null
  try {
    client = await Promise.race([openMailbox(hub, who), died.then(() => null)])
    return client === null ? await died : await Promise.race([work(client), died])
  } catch (error) {
    return nothingSaid(error)
  } finally {
    await Promise.race([client?.end().catch(() => {}), hub.ended])
  }
}
