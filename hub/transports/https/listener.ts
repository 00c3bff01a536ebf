import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { limits } from '#hub/base/limits.ts'
import { problemOf } from './problem.ts'

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
    (request, response) => {
      const excess = excessOf(request.rawHeaders)
      if (excess === null) handle(request, response)
      else refuse(response, excess)
    },
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

/** What is beyond a limit in headers as they came, name and value by turns; all of them together Node bounds itself. */
function excessOf(rawHeaders: readonly string[]): string | null {
  const count = rawHeaders.length / 2
  if (count > limits.httpHeaders) return `${count} headers; the limit httpHeaders is ${limits.httpHeaders}`
  const at = rawHeaders.findIndex(
    (text, index) => index % 2 === 1 && text.length > limits.httpHeaderValueBytes,
  )
  if (at < 0) return null
  const name = rawHeaders[at - 1]!.slice(0, 100)
  return `${name} has ${rawHeaders[at]!.length} bytes; the limit httpHeaderValueBytes is ${limits.httpHeaderValueBytes}`
}

/** Answers before any route is asked, and closes the connection: what follows on it was not read. */
function refuse(response: ServerResponse, detail: string): void {
  const problem = problemOf('headersTooLarge', 'en', { detail: { en: detail, fr: detail } })
  const body = JSON.stringify(problem)
  response
    .writeHead(problem.status, { 'Content-Type': 'application/problem+json', Connection: 'close' })
    .end(body)
}
