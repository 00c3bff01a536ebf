import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import { limits } from '#hub/base/limits.ts'
import type { Log } from '#hub/base/log.ts'
import type { Egress } from '#hub/egress/index.ts'
import { HubError, messageOf } from '#hub/model/errors.ts'
import type { AttemptOutcome } from '#hub/model/outcomes.ts'
import type { OutboundDelivery, Transport } from '#hub/model/transport.ts'
import { connectSftp, type Credentials } from './connect.ts'
import { putFile } from './put.ts'
import { sftpSettings, type SftpSettings } from './settings.ts'

export { sftpSettings } from './settings.ts'

/**
 * Puts deliveries on a partner's SFTP server: under a temporary name, then renamed to the wire identity, which is the same on
 * every attempt. The channel's secrets are `password` or `private_key` (OpenSSH or PEM, without a passphrase).
 */
export function sftpTransport(deps: { egress: Egress; log: Log }): Transport {
  return {
    kind: 'sftp',
    attempt: async (delivery, signal) => {
      const settings = sftpSettings.parse(delivery.channel.settings)
      const credentials = await readCredentials(delivery)
      if (credentials.password === null && credentials.privateKey === null) {
        const proof = { error: 'the channel has neither the secret password nor private_key' }
        return { kind: 'not_taken', code: 'peerNotAuthenticated', retry: 'hold', proof }
      }
      const bytes = await delivery.bytes()
      const socket = await openSocket(deps.egress, settings, signal)
      if ('outcome' in socket) return socket.outcome
      const outcome = await attemptOver(socket.socket, { delivery, settings, credentials, bytes, signal })
      deps.log.debug({ deliveryId: delivery.id, outcome: outcome.kind }, 'sftp attempt ended')
      return outcome
    },
  }
}

/**
 * The file name of a wire identity: letters, digits and `._=@+-`, no dot in front, at most 200 characters. One that had to be
 * changed gets a part of its hash, so that two identities never share a name.
 */
export function fileNameOf(wireId: string): string {
  const name = wireId
    .replace(/[^A-Za-z0-9._=@+-]/g, '_')
    .replace(/^\.+/, '_')
    .slice(0, 200)
  if (name === wireId && name !== '') return name
  return `${name.slice(0, 180)}-${createHash('sha256').update(wireId).digest('hex').slice(0, 12)}`
}

interface Attempt {
  delivery: OutboundDelivery
  settings: SftpSettings
  credentials: Credentials
  bytes: Buffer
  signal: AbortSignal
}

async function attemptOver(socket: Socket, attempt: Attempt): Promise<AttemptOutcome> {
  const { settings, delivery, signal } = attempt
  const cut = () => socket.destroy()
  signal.addEventListener('abort', cut, { once: true })
  try {
    if (signal.aborted) return { kind: 'not_taken', code: 'connectFailed', retry: 'later' }
    const connected = await connectSftp(socket, settings, attempt.credentials)
    if (connected.kind === 'failed') return connected.outcome
    const finalPath = `${settings.folder.replace(/\/+$/, '') || ''}/${fileNameOf(delivery.wireId)}`
    const outcome = await putFile(connected.connection, {
      finalPath,
      temporaryPath: `${finalPath}${settings.temporarySuffix}`,
      bytes: attempt.bytes,
      sha256: delivery.sha256,
    })
    await endWithin(connected.connection.client.end(), limits.sftpEndMs)
    return outcome
  } finally {
    signal.removeEventListener('abort', cut)
    socket.destroy()
  }
}

/** Takes leave properly, but does not wait for a peer that never closes. */
function endWithin(end: Promise<unknown>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    end
      .catch(() => {})
      .finally(() => {
        clearTimeout(timer)
        resolve()
      })
  })
}

async function openSocket(
  egress: Egress,
  settings: SftpSettings,
  signal: AbortSignal,
): Promise<{ socket: Socket } | { outcome: AttemptOutcome }> {
  try {
    return { socket: await egress.connectTcp(settings.host, settings.port, settings, signal) }
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    const proof = { error: messageOf(error) }
    if (error.code === 'addressRefused') {
      return { outcome: { kind: 'not_taken', code: 'addressRefused', retry: 'hold', proof } }
    }
    return { outcome: { kind: 'not_taken', code: 'connectFailed', retry: 'later', proof } }
  }
}

async function readCredentials(delivery: OutboundDelivery): Promise<Credentials> {
  const [password, privateKey] = await Promise.all([
    delivery.secret('password'),
    delivery.secret('private_key'),
  ])
  return { password: password?.toString('utf8') ?? null, privateKey }
}
