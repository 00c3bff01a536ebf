import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Agent, Dispatcher } from 'undici'
import { HubError, messageOf } from '#hub/model/errors.ts'

export interface HttpCall {
  method: 'POST' | 'GET' | 'PUT' | 'DELETE'
  url: URL
  headers: Readonly<Record<string, string>>
  body: Buffer | null
  /** From now to the last byte of the answer. */
  totalMs: number
  /** Answer bytes that are read; the rest is cut off. */
  responseBytes: number
  /** Answer bytes that are kept. */
  keptBytes: number
  /** Whether the connection may be one that was used before and may be used again. */
  reuse: boolean
  signal?: AbortSignal
}

export interface HttpAnswer {
  status: number
  headers: IncomingHttpHeaders
  /** SHA-256 of the answer's bytes that were read, in hex. */
  sha256: string
  /** Bytes read, at most `responseBytes`. */
  sizeBytes: number
  /** Whether the answer was longer than the cap or ended early. */
  cut: boolean
  /** The first `keptBytes` bytes. */
  head: Buffer
}

/**
 * One HTTP call over a guarded agent. Redirects are answers like any other. Throws HubError `connectFailed` or
 * `addressRefused` where provably nothing was sent, and `answerLost` where the request may have arrived.
 */
export function callHttp(agent: Agent, call: HttpCall): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const state = new CallState(call, resolve, reject)
    agent.dispatch(
      {
        origin: call.url.origin,
        path: `${call.url.pathname}${call.url.search}`,
        method: call.method,
        headers: { ...call.headers },
        body: call.body,
        ...(call.reuse ? {} : { reset: true }),
      },
      {
        onRequestStart: (controller) => state.started(controller),
        onResponseStart: (_controller, status, headers) => state.answered(status, headers),
        onResponseData: (_controller, chunk) => state.data(chunk),
        onResponseEnd: () => state.finish(false),
        onResponseError: (_controller, error) => state.failed(error),
      },
    )
  })
}

/** What is known of one call: nothing was sent before `started`; the peer has decided from `answered` on. */
class CallState {
  readonly #call: HttpCall
  readonly #resolve: (answer: HttpAnswer) => void
  readonly #reject: (error: HubError) => void
  readonly #hash = createHash('sha256')
  readonly #head: Buffer[] = []
  readonly #timer: NodeJS.Timeout
  readonly #onStop = () => this.#stopped()
  #controller: Dispatcher.DispatchController | null = null
  #status: number | null = null
  #headers: IncomingHttpHeaders = {}
  #sizeBytes = 0
  #headBytes = 0
  #done = false

  constructor(call: HttpCall, resolve: (answer: HttpAnswer) => void, reject: (error: HubError) => void) {
    this.#call = call
    this.#resolve = resolve
    this.#reject = reject
    // a timer and a listener: a signal made of two costs as much as the rest of a small call
    this.#timer = setTimeout(this.#onStop, call.totalMs).unref()
    call.signal?.addEventListener('abort', this.#onStop, { once: true })
    if (call.signal?.aborted === true) this.#stopped()
  }

  started(controller: Dispatcher.DispatchController): void {
    // stopped while it waited for a connection: nothing has been written yet, and nothing will be
    if (this.#done) return controller.abort(new Error('stopped before it was sent'))
    this.#controller = controller
  }

  answered(status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return
    this.#status = status
    this.#headers = headers
  }

  data(chunk: Buffer): void {
    if (this.#done) return
    const room = this.#call.responseBytes - this.#sizeBytes
    const taken = chunk.length > room ? chunk.subarray(0, room) : chunk
    this.#hash.update(taken)
    this.#sizeBytes += taken.length
    const keep = taken.subarray(0, this.#call.keptBytes - this.#headBytes)
    if (keep.length > 0) this.#head.push(Buffer.from(keep))
    this.#headBytes += keep.length
    if (chunk.length > room) this.finish(true)
  }

  finish(cut: boolean): void {
    if (this.#done || this.#status === null) return
    this.#end()
    this.#resolve({
      status: this.#status,
      headers: this.#headers,
      sha256: this.#hash.digest('hex'),
      sizeBytes: this.#sizeBytes,
      cut,
      head: Buffer.concat(this.#head),
    })
    if (cut) this.#controller?.abort(new Error('the answer is longer than the hub reads'))
  }

  failed(error: Error): void {
    if (this.#done) return
    if (this.#status !== null) return this.finish(true)
    this.#end()
    if (error instanceof HubError) return this.#reject(error)
    this.#reject(
      new HubError(this.#controller === null ? 'connectFailed' : 'answerLost', messageOf(error), {
        detail: { host: this.#call.url.host },
        cause: error,
      }),
    )
  }

  #stopped(): void {
    const controller = this.#controller
    this.failed(new Error('the time for an answer has passed'))
    controller?.abort(new Error('stopped'))
  }

  #end(): void {
    this.#done = true
    clearTimeout(this.#timer)
    this.#call.signal?.removeEventListener('abort', this.#onStop)
  }
}
