import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { RunningHub } from '#hub/main.ts'
import type { Counter } from './counter.ts'
import { startSupplierEndpoint, type PartnerEnd } from './supplier-endpoint.ts'
import { startSupplierSftp, type SftpEnd } from './supplier-sftp.ts'

/** The ends of the two partners: what they log in with, and the supplier's own systems. */
export interface DemoPartners {
  endpoint: PartnerEnd
  sftp: SftpEnd
  /** What the configuration's `${NAME}`s stand for. */
  values: Readonly<Record<string, string>>
  retailerLogin: { username: string; password: string }
  supplierLogin: { username: string; password: string }
  sendOrders(way: {
    hub: RunningHub
    retailer: Counter
    token: string
    say(line: string): void
  }): Promise<void>
  close(): Promise<void>
}

export async function startPartners(): Promise<DemoPartners> {
  const secret = () => randomBytes(18).toString('base64url')
  const webhookSecret = `whsec_${randomBytes(24).toString('base64')}`
  const supplierServerPassword = secret()
  const retailerLogin = { username: 'maison-verdier', password: secret() }
  const supplierLogin = { username: 'brouwer', password: secret() }
  const endpoint = await startSupplierEndpoint(webhookSecret)
  const sftp = await startSupplierSftp('crossdock', supplierServerPassword)
  return {
    endpoint,
    sftp,
    retailerLogin,
    supplierLogin,
    values: {
      RETAILER_PASSWORD: retailerLogin.password,
      SUPPLIER_PASSWORD: supplierLogin.password,
      SUPPLIER_ENDPOINT: endpoint.address,
      SUPPLIER_WEBHOOK_SECRET: webhookSecret,
      SUPPLIER_SFTP_PORT: String(sftp.port),
      SUPPLIER_SFTP_HOST_KEY: sftp.hostKey,
      SUPPLIER_SFTP_PASSWORD: supplierServerPassword,
    },
    sendOrders,
    close: async () => {
      await Promise.all([endpoint.close(), sftp.close()])
    },
  }
}

const sendOrders: DemoPartners['sendOrders'] = async ({ hub, retailer, token, say }) => {
  say('The retailer uploads order 345 as EDIFACT by SFTP, and posts 346 as XML and 347 as JSON.\n')
  await retailer.put('order-345.edi', await sample('order-345.edi'))
  await post(hub, token, 'order-346.xml', 'application/xml')
  await post(hub, token, 'order-347.json', 'application/json')
}

async function post(hub: RunningHub, token: string, name: string, mediaType: string): Promise<void> {
  const response = await fetch(`${hub.httpUrl}/v1/documents`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'idempotency-key': name,
      'content-type': mediaType,
      'content-disposition': `attachment; filename="${name}"`,
    },
    body: new Uint8Array(await sample(name)),
  })
  if (response.status !== 202)
    throw new Error(`${name} was answered with ${response.status}: ${await response.text()}`)
}

async function sample(name: string): Promise<Buffer> {
  const bytes = await readFile(new URL(`samples/${name}`, import.meta.url))
  // the sample is kept readable in UTF-8; its UNB announces UNOC, which is ISO 8859-1
  return name.endsWith('.edi') ? Buffer.from(bytes.toString(), 'latin1') : bytes
}
