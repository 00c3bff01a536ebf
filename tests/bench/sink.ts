import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Sink {
  url: string
  received(): number
  bytes(): number
  /** Resolves when so many have arrived in all. */
  reached(count: number): Promise<void>
  close(): Promise<void>
}

/** The supplier's end: takes whatever is posted, and counts. */
export async function startSink(): Promise<Sink> {
  let received = 0
  let bytes = 0
  let waiting: { count: number; resolve: () => void }[] = []
  const server = createServer({ noDelay: true }, (request, response) => {
    request.on('data', (chunk: Buffer) => (bytes += chunk.length))
    request.on('end', () => {
      response.writeHead(200, { 'content-length': 0 }).end()
      received += 1
      if (waiting.length === 0) return
      for (const { count, resolve } of waiting) if (received >= count) resolve()
      waiting = waiting.filter(({ count }) => received < count)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/orders`,
    received: () => received,
    bytes: () => bytes,
    reached: (count) =>
      received >= count ? Promise.resolve() : new Promise((resolve) => waiting.push({ count, resolve })),
    close: async () => {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
