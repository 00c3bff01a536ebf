import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { limits } from '#hub/base/limits.ts'

/** The hub's one HTTP listener, with its limits. Port 0 takes a free one. Rejects where the port is taken. */
export async function listen(
  handle: RequestListener,
  address: { host: string; port: number },
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer(
    {
      maxHeaderSize: limits.httpHeaderBytes,
      noDelay: true,
      // Node looks every 30 s by default: a limit below that would not hold
      connectionsCheckingInterval: Math.min(limits.httpHeadersMs, 5_000),
    },
    handle,
  )
  // a large document may take long to arrive; the doors bound the silence between its chunks themselves
  server.requestTimeout = 0
  server.headersTimeout = limits.httpHeadersMs
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(address.port, address.host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
        setTimeout(() => server.closeAllConnections(), limits.stopMs).unref()
      }),
  }
}
