import { connect as connectSocket, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { HubError } from '#hub/model/errors.ts'
import { limits } from '#hub/base/limits.ts'
import { checkedAddresses, plainName, type EgressPolicy, type ResolveName } from './resolve.ts'

export interface Target {
  host: string
  port: number
  /** `null` for a bare TCP connection; otherwise HTTP, with TLS or without. */
  protocol: 'https:' | 'http:' | null
}

export interface ConnectOptions {
  policy: EgressPolicy
  resolve: ResolveName
  /** Certificate authorities beside the system's own, in PEM. */
  ca?: readonly string[]
  connectMs?: number
  signal?: AbortSignal
}

/**
 * Connects to the first address of the name that answers; every address was checked before and none is resolved again.
 * With TLS the certificate is checked against the name. Throws HubError `addressRefused` or `connectFailed`: in both
 * cases nothing of a request was sent.
 */
export async function connectChecked(target: Target, options: ConnectOptions): Promise<Socket> {
  const budget = AbortSignal.timeout(options.connectMs ?? limits.egressConnectMs)
  const signal = options.signal === undefined ? budget : AbortSignal.any([budget, options.signal])
  const addresses = await unlessAborted(
    checkedAddresses(target.host, options.policy, options.resolve),
    signal,
  )
  if (target.protocol === 'http:' && addresses.some(({ named }) => !named)) {
    throw new HubError('addressRefused', `${target.host} may only be reached by HTTPS`, {
      detail: { host: target.host, range: 'plain_http' },
    })
  }
  let last: unknown
  for (const { address } of addresses) {
    try {
      return await open(address, target, options.ca, signal)
    } catch (error) {
      last = error
      if (signal.aborted) break
    }
  }
  throw connectFailed(target, last)
}

function open(
  address: string,
  target: Target,
  ca: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new Error('timed out'))
    const place = { host: address, port: target.port, noDelay: true }
    const tls = target.protocol === 'https:'
    const name = plainName(target.host)
    const socket: Socket = tls
      ? connectTls({
          ...place,
          // an address is no server name (RFC 6066 §3); the certificate is then checked against the address
          ...(/^[\d.]+$|:/.test(name) ? {} : { servername: name }),
          ALPNProtocols: ['http/1.1'],
          minVersion: 'TLSv1.2',
          ...(ca === undefined ? {} : { ca: [...ca] }),
        })
      : connectSocket(place)
    const abort = () => fail(new Error('timed out'))
    const fail = (error: Error) => {
      signal.removeEventListener('abort', abort)
      socket.destroy()
      reject(error)
    }
    signal.addEventListener('abort', abort, { once: true })
    socket.once('error', fail)
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      signal.removeEventListener('abort', abort)
      socket.removeListener('error', fail)
      resolve(socket)
    })
  })
}

function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new HubError('connectFailed', 'resolving the name took too long'))
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

function connectFailed(target: Target, cause: unknown): HubError {
  const reason = cause instanceof Error ? ((cause as { code?: string }).code ?? cause.message) : String(cause)
  return new HubError('connectFailed', `${target.host}:${target.port} cannot be reached: ${reason}`, {
    detail: { host: target.host, port: target.port, reason },
    cause,
  })
}
