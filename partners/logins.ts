import { RateLimiterMemory } from 'rate-limiter-flexible'
import { limits } from '#hub/base/limits.ts'
import type { Channel, ChannelKind, ChannelLogins } from '#hub/model/transport.ts'
import type { CredentialId } from '#hub/model/ids.ts'
import { unknownPersonHash, verifyPassword } from '#hub/keys/password.ts'
import type { Store } from '#hub/store/connect.ts'
import { isPlaceholder } from './channels/placeholder.ts'
import { tokenEnvironment, tokenSha256 } from './channels/token.ts'
import {
  credentialStanding,
  touchCredential,
  validCredentials,
  validToken,
  type ValidCredential,
} from './store/credential.ts'
import { configurationVersion } from './store/version.ts'

const versionCheckMs = 1_000
const touchEveryMs = 60_000

interface HeldToken {
  credential: ValidCredential
  untilMs: number
}

/**
 * Who logs in on a channel. An unknown user name takes as long as a wrong password. A token that was found is remembered for ten
 * seconds, and forgotten within one when any configuration changes (a revocation is such a change).
 */
export function createLogins(store: Store): ChannelLogins & { close(): Promise<void> } {
  const wrong = new RateLimiterMemory({
    points: limits.wrongPasswords,
    duration: limits.wrongPasswordSeconds,
  })
  const tokens = heldTokens(store)
  const touch = toucher(store)
  const openedBy = new WeakMap<Channel, CredentialId>()
  const entered = (credential: ValidCredential | undefined | null): Channel | null => {
    if (credential === undefined || credential === null) return null
    touch.now(credential.credentialId)
    openedBy.set(credential.channel, credential.credentialId)
    return credential.channel
  }

  return {
    byPassword: async (kind, username, password) => {
      if (username.length > limits.userNameLength || password.length > limits.passwordLength) return null
      const user = `${kind} ${username}`
      if (await blocked(wrong, user)) return null
      const all = await validCredentials(store.worker, { kind: 'password', channelKind: kind, username })
      // one without a value yet is nobody: the answer takes as long as for a user that is not there
      const found = all.filter((credential) => !isPlaceholder(credential))
      const credential = await matching(found, password)
      if (credential === null) {
        await wrong.penalty(user)
        return null
      }
      // tries that ran at the same time may have used up what is allowed
      if (await blocked(wrong, user)) return null
      await wrong.delete(user)
      return entered(credential)
    },
    byPublicKey: async (kind: ChannelKind, username, publicKey) => {
      if (username.length > limits.userNameLength) return null
      const found = await validCredentials(store.worker, { kind: 'public_key', channelKind: kind, username })
      return entered(found.find((credential) => credential.verifier.equals(publicKey)))
    },
    byToken: async (token) => {
      if (tokenEnvironment(token) === null) return null
      return entered(await tokens.find(tokenSha256(token)))
    },
    stillAllowed: async (channel) => {
      const credential = openedBy.get(channel)
      const standing = credential === undefined ? 'ended' : await credentialStanding(store.worker, credential)
      if (standing === 'good') return null
      return standing === 'suspended' ? 'channelSuspended' : 'notAuthenticated'
    },
    close: () => touch.settled(),
  }
}

async function blocked(limiter: RateLimiterMemory, key: string): Promise<boolean> {
  const used = await limiter.get(key)
  return used !== null && used.consumedPoints >= limits.wrongPasswords
}

async function matching(found: ValidCredential[], password: string): Promise<ValidCredential | null> {
  if (found.length === 0) await verifyPassword(await unknownPersonHash(), password)
  let match: ValidCredential | null = null
  // all are tried, so that the time does not tell which one it was
  for (const credential of found)
    if (await verifyPassword(credential.verifier.toString(), password)) match ??= credential
  return match
}

function heldTokens(store: Store): { find(sha256: Buffer): Promise<ValidCredential | null> } {
  const held = new Map<string, HeldToken>()
  let version: bigint | null = null
  let checkedAt = Number.NEGATIVE_INFINITY
  let checking: Promise<void> | null = null

  const check = async (): Promise<void> => {
    const startedAt = performance.now()
    const now = await configurationVersion(store.worker)
    if (now !== version) held.clear()
    version = now
    checkedAt = startedAt
  }
  const checked = (): Promise<void> => {
    checking ??= check().finally(() => {
      checking = null
    })
    return checking
  }

  return {
    find: async (sha256) => {
      if (performance.now() - checkedAt >= versionCheckMs) await checked()
      const key = sha256.toString('base64')
      const before = held.get(key)
      if (before !== undefined && performance.now() < before.untilMs) return before.credential
      const versionBefore = version
      const credential = await validToken(store.worker, sha256)
      held.delete(key)
      if (credential === null || version !== versionBefore) return credential
      if (held.size >= limits.tokensHeld) held.delete(held.keys().next().value!)
      held.set(key, { credential, untilMs: performance.now() + limits.tokenHeldMs })
      return credential
    },
  }
}

/** Notes uses beside the log-in: nobody waits for it, and a failure to note is no failure to log in. */
function toucher(store: Store): { now(id: CredentialId): void; settled(): Promise<void> } {
  const touchedAt = new Map<CredentialId, number>()
  const underWay = new Set<Promise<void>>()
  return {
    now: (id) => {
      const last = touchedAt.get(id)
      if (last !== undefined && performance.now() - last < touchEveryMs) return
      if (touchedAt.size >= limits.tokensHeld) touchedAt.clear()
      touchedAt.set(id, performance.now())
      const writing = touchCredential(store.worker, id)
        .catch(() => {
          touchedAt.delete(id)
        })
        .finally(() => underWay.delete(writing))
      underWay.add(writing)
    },
    settled: async () => {
      await Promise.all(underWay)
    },
  }
}
