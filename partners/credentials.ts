import { newId, type CredentialId } from '#hub/model/ids.ts'
import type { Store } from '#hub/store/connect.ts'
import { appendEntries } from '#hub/store/entry.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import { newToken, tokenSha256 } from './channels/token.ts'
import { channelNamed } from './names.ts'
import { insertCredential, revokeCredential } from './store/credential.ts'
import { raiseConfigurationVersion } from './store/version.ts'

export interface NewToken {
  partnerKey: string
  /** Null: the partner's only channel that takes tokens. */
  channelKey: string | null
  /** What people call it: the system that uses it. */
  name: string
  from?: Date
  until?: Date
  actor: string
}

/**
 * Adds a token to a channel and returns it, once: only its SHA-256 is kept. Throws HubError `nameUnknown` where there is no such
 * channel or it takes no tokens.
 */
export async function addCredential(
  store: Store,
  wanted: NewToken,
): Promise<{ id: CredentialId; token: string }> {
  const { partnerKey: partner, channelKey } = wanted
  const channel = await channelNamed(store, { partner, channel: channelKey, kind: 'https' })
  const id = newId<CredentialId>()
  const token = newToken(channel.env)
  await inTransaction(store.worker, 'add-credential', async (client) => {
    await insertCredential(client, {
      id,
      partnerId: channel.partnerId,
      channelId: channel.id,
      kind: 'token',
      name: wanted.name,
      username: null,
      verifier: tokenSha256(token),
      from: wanted.from ?? null,
      until: wanted.until ?? null,
    })
    await appendEntries(client, [
      {
        type: 'credential.added',
        partnerId: channel.partnerId,
        actor: wanted.actor,
        body: { credential: id, kind: 'token', channel: channel.key },
      },
    ])
  })
  return { id, token }
}

/** Revokes a password, key or token for good; false where there is none that is still good. */
export async function endCredential(store: Store, id: CredentialId, actor: string): Promise<boolean> {
  return inTransaction(store.worker, 'revoke-credential', async (client) => {
    const revoked = await revokeCredential(client, id)
    if (revoked === null) return false
    await appendEntries(client, [
      {
        type: 'credential.revoked',
        partnerId: revoked.partnerId,
        actor,
        body: { credential: id, kind: revoked.kind, channel: revoked.channel },
      },
    ])
    await raiseConfigurationVersion(client)
    return true
  })
}
