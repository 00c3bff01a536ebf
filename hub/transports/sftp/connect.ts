import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import SftpClient from 'ssh2-sftp-client'
import type { SFTPWrapper } from 'ssh2'
import { limits } from '#hub/base/limits.ts'
import { messageOf } from '#hub/model/errors.ts'
import type { AttemptOutcome } from '#hub/model/outcomes.ts'
import { legacyAlgorithms, modernAlgorithms } from './algorithms.ts'
import type { SftpSettings } from './settings.ts'

export interface Credentials {
  password: string | null
  privateKey: Buffer | null
}

export interface SftpConnection {
  client: SftpClient
  sftp: SFTPWrapper
  /** Fingerprint of the key the server showed. */
  hostKey: string
}

export type Connected =
  { kind: 'connected'; connection: SftpConnection } | { kind: 'failed'; outcome: AttemptOutcome }

/**
 * Logs in to a partner's server over a socket that egress connected. The host key is compared before any credential is
 * sent; a key that is not pinned ends the connection.
 */
export async function connectSftp(
  socket: Socket,
  settings: SftpSettings,
  credentials: Credentials,
): Promise<Connected> {
  const client = new SftpClient('crossdock', { error: () => {}, end: () => {}, close: () => {} })
  let shown = ''
  let refusedKey = false
  let level = ''
  client.on('error', (error: Error & { level?: string }) => {
    level = error.level ?? level
  })
  const { password } = credentials
  if (password !== null) client.on('keyboard-interactive', (...asked: unknown[]) => answer(asked, password))
  try {
    const sftp = await client.connect({
      sock: socket,
      username: settings.username,
      ...(password === null ? {} : { password, tryKeyboard: true }),
      ...(credentials.privateKey === null ? {} : { privateKey: credentials.privateKey }),
      hostVerifier: (key: Buffer) => {
        shown = fingerprintOf(key)
        refusedKey = !settings.hostKeys.includes(shown)
        return !refusedKey
      },
      algorithms: settings.algorithms === 'legacy' ? legacyAlgorithms : modernAlgorithms,
      readyTimeout: limits.egressConnectMs,
      keepaliveInterval: limits.egressIdleMs / 4,
      keepaliveCountMax: 3,
    })
    return { kind: 'connected', connection: { client, sftp, hostKey: shown } }
  } catch (error) {
    socket.destroy()
    return { kind: 'failed', outcome: failure(error, { refusedKey, shown, level }) }
  }
}

/** `SHA256:` and the base64 of the key blob's hash, as OpenSSH prints it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

function failure(
  error: unknown,
  seen: { refusedKey: boolean; shown: string; level: string },
): AttemptOutcome {
  const proof = { error: messageOf(error), ...(seen.shown === '' ? {} : { hostKey: seen.shown }) }
  if (seen.refusedKey) return { kind: 'not_taken', code: 'hostKeyChanged', retry: 'hold', proof }
  if (seen.level === 'client-authentication') {
    return { kind: 'not_taken', code: 'peerNotAuthenticated', retry: 'hold', proof }
  }
  return { kind: 'not_taken', code: 'connectFailed', retry: 'later', proof }
}

/**
 * Servers that check passwords through PAM offer keyboard-interactive alone. The password goes only to one single prompt
 * without echo; anything else (a second factor, a notice) gets empty answers and fails.
 */
function answer(asked: unknown[], password: string): void {
  const prompts = asked[3] as { prompt: string; echo?: boolean }[]
  const finish = asked[4] as (answers: string[]) => void
  const single = prompts.length === 1 && prompts[0]!.echo !== true
  finish(prompts.map(() => (single ? password : '')))
}
