import type { ChannelId, PartnerId } from '#hub/model/ids.ts'
import { newId } from '#hub/model/ids.ts'
import type { Sealer } from '#hub/model/sealing.ts'
import type { Store } from '#hub/store/connect.ts'
import { newestSecret, type SecretRow } from './store/secret.ts'

/**
 * A channel's secret by name (`password`, `private_key`, `webhook_secret`), opened, or null where it has none. Throws
 * HubError `masterKeyMissing` or `payloadDamaged` where it cannot be opened.
 */
export async function readSecret(
  store: Store,
  sealer: Sealer,
  channelId: ChannelId,
  name: string,
): Promise<Buffer | null> {
  const row = await newestSecret(store.worker, channelId, name)
  if (row === null) return null
  const value = openSecret(sealer, row)
  // one whose name alone was applied (`keep: true`) has no value yet
  return value.length === 0 ? null : value
}

/** Seals a value as a version of a channel's secret; the row's place is bound to it. */
export function sealSecret(
  sealer: Sealer,
  place: { partnerId: PartnerId; channelId: ChannelId; name: string; version: number },
  value: Buffer,
): SecretRow {
  const sealed = sealer.seal(boundTo(place), value)
  return { id: newId(), ...place, wrappedKey: sealed.wrappedKey, sealed: sealed.bytes }
}

export function openSecret(sealer: Sealer, row: SecretRow): Buffer {
  return sealer.open(boundTo(row), { wrappedKey: row.wrappedKey, bytes: row.sealed })
}

/** One byte for the form and the tag of AES-256-GCM: what an empty value is, sealed. Told without any key. */
const emptySealedBytes = 17

/** Whether only its name was applied (`keep: true`), and no value was given yet. */
export function isEmptySecret({ sealed }: Pick<SecretRow, 'sealed'>): boolean {
  return sealed.length === emptySealedBytes
}

function boundTo(row: { channelId: ChannelId; name: string; version: number }): string {
  return `secret|${row.channelId}|${row.name}|${row.version}`
}
