import { readFile } from 'node:fs/promises'
import SftpClient from 'ssh2-sftp-client'
import type pg from 'pg'
import { applyConfiguration } from '#partners/apply.ts'
import { addCredential } from '#partners/credentials.ts'
import { startSupplierEndpoint } from '#hub/cli/demo/supplier-endpoint.ts'
import { startSupplierSftp } from '#hub/cli/demo/supplier-sftp.ts'
import { openSealer } from '#hub/keys/sealing.ts'
import type { Store } from '#hub/store/connect.ts'
import type { HubProcess } from '../support/hub-process.ts'
import { until } from '../support/poll.ts'

/**
 * Two partners outside the hub: what they send by their own rules (again and again until they heard yes, always with
 * the same identity), and a record of each byte that reaches them, which is the truth of what was delivered.
 */
export interface Scene {
  token: string
  endpoint: Awaited<ReturnType<typeof startSupplierEndpoint>>
  server: Awaited<ReturnType<typeof startSupplierSftp>>
  close(): Promise<void>
}

const demo = new URL('../../hub/cli/demo/', import.meta.url)
const passwords = {
  retailer: 'retailer-password-1',
  supplier: 'supplier-password-1',
  server: 'server-password-1',
}
const webhookSecret = `whsec_${Buffer.from('a webhook secret for the sweep').toString('base64')}`

/** Starts the partners' ends and configures the hub for them, with the demo's own configuration. */
export async function setScene(store: Store, dataFolder: string): Promise<Scene> {
  const endpoint = await startSupplierEndpoint(webhookSecret)
  const server = await startSupplierSftp('crossdock', passwords.server)
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
    partnerKey: 'maison-verdier',
    channelKey: 'api',
    name: 'sweep',
    actor: 'cli',
  })
  return {
    token,
    endpoint,
    server,
    close: async () => {
      await Promise.all([endpoint.close(), server.close()])
    },
  }
}

export const orders = {
  edifact: { name: 'order-345.edi', number: '345' },
  xml: { name: 'order-346.xml', number: '346' },
  json: { name: 'order-347.json', number: '347' },
} as const

async function sample(name: string): Promise<Buffer> {
  const bytes = await readFile(new URL(`samples/${name}`, demo))
  return name.endsWith('.edi') ? Buffer.from(bytes.toString(), 'latin1') : bytes
}

/** One try to post a document; true once the hub has said yes. */
export async function tryPost(hub: HubProcess, token: string, name: string): Promise<boolean> {
  try {
    const response = await fetch(`${hub.http}/v1/documents`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'idempotency-key': name },
      body: new Uint8Array(await sample(name)),
      signal: AbortSignal.timeout(20_000),
    })
    await response.arrayBuffer()
    return response.status === 202
  } catch {
    return false
  }
}

/** One try to upload a document; true once the hub has said OK to the closing of the file. */
export async function tryUpload(hub: HubProcess, name: string): Promise<boolean> {
  return withSftp(hub, 'maison-verdier', passwords.retailer, async (client) => {
    await client.put(await sample(name), `/inbox/${name}`)
    return true
  })
}

/** One try to collect what lies in a mailbox; names and contents go into `collected`. */
export async function tryCollect(
  hub: HubProcess,
  who: 'retailer' | 'supplier',
  collected: Map<string, string>,
): Promise<boolean> {
  const user = who === 'retailer' ? 'maison-verdier' : 'brouwer'
  return withSftp(hub, user, passwords[who], async (client) => {
    for (const { name } of await client.list('/outbox')) {
      const bytes = (await client.get(`/outbox/${name}`)) as Buffer
      collected.set(name, bytes.toString('latin1'))
    }
    return true
  })
}

async function withSftp(
  hub: HubProcess,
  username: string,
  password: string,
  work: (client: SftpClient) => Promise<boolean>,
): Promise<boolean> {
  const client = new SftpClient('sweep', { error: () => {}, end: () => {}, close: () => {} })
  try {
    await client.connect({ host: '127.0.0.1', port: hub.sftpPort, username, password, readyTimeout: 5_000 })
    return await Promise.race([work(client), hub.ended.then(() => false)])
  } catch {
    return false
  } finally {
    await Promise.race([client.end().catch(() => {}), hub.ended])
  }
}

/** Waits until every document is processed and every delivery delivered, as the hub's own tables say. */
export async function untilDelivered(admin: pg.Pool, deliveries: number): Promise<void> {
  await until(
    'every delivery delivered',
    async () => {
      const { rows } = await admin.query<{ delivered: number; others: number }>(
        `select count(*) filter (where state = 'delivered')::int delivered,
              count(*) filter (where state <> 'delivered')::int others from delivery`,
      )
      const { delivered, others } = rows[0]!
      return delivered === deliveries && others === 0 ? true : null
    },
    45_000,
  )
}
