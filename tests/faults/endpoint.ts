import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sha256Of } from './orders.ts'

/** What reached a partner, byte for byte: one line of the log R. */
export interface Receipt {
  partner: string
  channel: string
  /** The identity on the wire: Idempotency-Key, or file name. */
  identity: string
  sha256: string
  bytes: Buffer
}

export interface Endpoint {
  address: string
  /** Changes how it answers from now on; the default takes everything at once. */
  answerWith(answer: (receipt: Receipt) => Promise<number> | number): void
  close(): Promise<void>
}

/** A partner's HTTP endpoint that logs each request that came in whole, repeats too, before it answers. */
export async function startEndpoint(
  about: Pick<Receipt, 'partner' | 'channel'>,
  log: (receipt: Receipt) => void,
): Promise<Endpoint> {
  let answer: (receipt: Receipt) => Promise<number> | number = () => 200
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('error', () => {})
    request.on('end', () => {
      const bytes = Buffer.concat(chunks)
      const identity = String(request.headers['idempotency-key'] ?? '')
      const receipt = { ...about, identity, sha256: sha256Of(bytes), bytes }
      log(receipt)
      void Promise.resolve(answer(receipt)).then((status) => response.writeHead(status).end('seen\n'))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    address: `http://127.0.0.1:${port}/orders`,
    answerWith: (next) => (answer = next),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
