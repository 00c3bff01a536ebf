import { createPublicKey } from 'node:crypto'
import ipaddr from 'ipaddr.js'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import ssh2, { type AuthContext, type PasswordAuthContext, type PublicKeyAuthContext } from 'ssh2'
import { limits } from '#hub/base/limits.ts'
import type { Log } from '#hub/base/log.ts'
import type { Channel, ChannelLogins } from '#hub/model/transport.ts'
import { keyFingerprint } from './host-key.ts'

/** Who logged in and how; the facts that go into evidence. */
export interface LoggedIn {
  channel: Channel
  user: string
  method: 'password' | 'public_key'
  /** Fingerprint of the key, where it was a key. */
  key: string | null
}

/** One connection's tries. */
export interface Attempts {
  address: string
  passwords: number
  keys: number
}

export type Verdict =
  | { kind: 'in'; login: LoggedIn }
  /** The key is known: the client may sign with it. */
  | { kind: 'go_on' }
  | { kind: 'refused' }
  /** Too many tries: the connection ends. */
  | { kind: 'out' }

export interface LoginGuardOptions {
  refusalFloorMs?: number
}

/**
 * Decides about log-ins. Whatever the reason, a refusal looks and takes the same: unknown user, wrong password, unknown
 * key, too many failures. Only one try of an address is looked at at a time, so that its failures are counted before the next.
 */
export class LoginGuard {
  readonly #logins: ChannelLogins
  readonly #log: Log
  readonly #floorMs: number
  readonly #byAddress = failures(limits.sftpFailuresPerAddress)
  readonly #byUser = failures(limits.sftpFailuresPerUser)
  readonly #turns = new Map<string, Promise<unknown>>()

  constructor(logins: ChannelLogins, log: Log, options: LoginGuardOptions = {}) {
    this.#logins = logins
    this.#log = log
    this.#floorMs = options.refusalFloorMs ?? limits.sftpRefusalFloorMs
  }

  async decide(context: AuthContext, attempts: Attempts): Promise<Verdict> {
    if (context.method !== 'password' && context.method !== 'publickey') return { kind: 'refused' }
    if (context.method === 'publickey' && context.signature === undefined) attempts.keys += 1
    else attempts.passwords += 1
    if (attempts.passwords > limits.sftpLoginTries || attempts.keys > limits.sftpKeysOffered)
      return { kind: 'out' }
    const floor = new Promise((resolve) => setTimeout(resolve, this.#floorMs))
    const source = sourceOf(attempts.address)
    const verdict = await this.#inTurn(source, () => this.#look(context, source))
    if (verdict.kind === 'refused') {
      this.#log.info({ address: attempts.address, method: context.method }, 'sftp log-in refused')
      await floor
    }
    return verdict
  }

  async #look(context: PasswordAuthContext | PublicKeyAuthContext, source: string): Promise<Verdict> {
    const user = `${source} ${context.username}`
    if (await this.#exhausted(source, user)) return { kind: 'refused' }
    const verdict =
      context.method === 'password' ? await this.#byPassword(context) : await this.#byKey(context)
    if (verdict.kind === 'refused' && !isKeyOffer(context)) {
      await Promise.all([this.#byAddress.penalty(source), this.#byUser.penalty(user)])
    }
    if (verdict.kind === 'in') await this.#byUser.delete(user)
    return verdict
  }

  async #exhausted(source: string, user: string): Promise<boolean> {
    const [ofAddress, ofUser] = await Promise.all([this.#byAddress.get(source), this.#byUser.get(user)])
    return (
      (ofAddress?.consumedPoints ?? 0) >= limits.sftpFailuresPerAddress ||
      (ofUser?.consumedPoints ?? 0) >= limits.sftpFailuresPerUser
    )
  }

  async #byPassword(context: PasswordAuthContext): Promise<Verdict> {
    const channel = await this.#logins.byPassword('mailbox', context.username, context.password)
    if (channel === null) return { kind: 'refused' }
    return { kind: 'in', login: { channel, user: context.username, method: 'password', key: null } }
  }

  /** The signature is checked before anything is said, over the bytes of RFC 4252 §7 that ssh2 hands over. */
  async #byKey(context: PublicKeyAuthContext): Promise<Verdict> {
    const key = acceptableKey(context)
    if (key === null) return { kind: 'refused' }
    if (context.signature !== undefined) {
      if (context.blob === undefined) return { kind: 'refused' }
      // ssh2 says true, false or, against its types, an Error: only true is a yes
      const verified: unknown = key.verify(context.blob, context.signature, context.hashAlgo)
      if (verified !== true) return { kind: 'refused' }
    }
    const channel = await this.#logins.byPublicKey('mailbox', context.username, context.key.data)
    if (channel === null) return { kind: 'refused' }
    if (context.signature === undefined) return { kind: 'go_on' }
    const fingerprint = keyFingerprint(context.key.data)
    return { kind: 'in', login: { channel, user: context.username, method: 'public_key', key: fingerprint } }
  }

  async #inTurn<Value>(source: string, work: () => Promise<Value>): Promise<Value> {
    const before = this.#turns.get(source) ?? Promise.resolve()
    const mine = before.then(work, work)
    const settled = mine.catch(() => {})
    this.#turns.set(source, settled)
    try {
      return await mine
    } finally {
      if (this.#turns.get(source) === settled) this.#turns.delete(source)
    }
  }
}

function isKeyOffer(context: PasswordAuthContext | PublicKeyAuthContext): boolean {
  return context.method === 'publickey' && context.signature === undefined
}

/** The key a client shows, or null where its kind is refused: DSA, RSA below 2048 bits, RSA with SHA-1 signatures. */
function acceptableKey(context: PublicKeyAuthContext): ssh2.ParsedKey | null {
  const parsed = ssh2.utils.parseKey(context.key.data)
  if (parsed instanceof Error || parsed.type !== context.key.algo) return null
  if (parsed.type === 'ssh-ed25519' || parsed.type.startsWith('ecdsa-sha2-nistp')) return parsed
  if (parsed.type !== 'ssh-rsa') return null
  if (context.hashAlgo !== 'sha256' && context.hashAlgo !== 'sha512') return null
  const bits = createPublicKey(parsed.getPublicPEM()).asymmetricKeyDetails?.modulusLength ?? 0
  return bits >= 2048 ? parsed : null
}

function failures(points: number): RateLimiterMemory {
  return new RateLimiterMemory({ points, duration: limits.sftpFailureWindowSeconds })
}

/** What failures are counted by: an IPv4 address, or the /64 that one IPv6 client has to itself. */
export function sourceOf(address: string): string {
  if (!ipaddr.isValid(address)) return address
  const parsed = ipaddr.process(address)
  if (parsed instanceof ipaddr.IPv4) return parsed.toString()
  return `${parsed.toByteArray().slice(0, 8).join('.')}/64`
}
