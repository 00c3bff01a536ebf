import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'

export interface Arrival {
  name: string
  bytes: Buffer
}

export interface PartnerEnd {
  address: string
  port: number
  /** What arrived, once for each identity. */
  arrivals: Arrival[]
  close(): Promise<void>
}

/**
 * The supplier's own system: an HTTP endpoint that takes a document when its Standard Webhooks signature is right, and
 * drops repeats of the same Idempotency-Key.
 */
export async function startSupplierEndpoint(secret: string): Promise<PartnerEnd> {
  const arrivals = new Map<string, Arrival>()
  const verifier = new Webhook(secret)
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const bytes = Buffer.concat(chunks)
      const header = (name: string) => String(request.headers[name] ?? '')
      try {
        const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature']
        const signed = Object.fromEntries(names.map((name) => [name, header(name)]))
        // the body is XML here: only its signature is looked at
        verifier.verify(bytes.toString(), signed, { jsonParse: false })
      } catch {
        response.writeHead(401).end('the signature does not match\n')
        return
      }
      const key = header('idempotency-key')
      if (!arrivals.has(key)) arrivals.set(key, { name: key, bytes })
      response.writeHead(200, { 'content-type': 'text/plain' }).end('taken\n')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    address: `http://127.0.0.1:${port}/orders`,
    port,
    get arrivals() {
      return [...arrivals.values()]
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
