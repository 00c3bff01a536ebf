import type { Clock } from '#hub/base/clock.ts'
import { limits } from '#hub/base/limits.ts'
import type { ChannelId } from '#hub/model/ids.ts'
import type { SendDeps } from './send.ts'

type Secrets = SendDeps['secrets']

/**
 * The secrets of channels, each asked for once for all attempts that go out together. One that is replaced counts
 * for attempts that begin `secretHeldMs` later; nothing is held for longer than it is used.
 */
export function holdSecrets(read: Secrets, clock: Pick<Clock, 'now'>): Secrets {
  const held = new Map<string, { secret: ReturnType<Secrets>; until: number }>()
  return async (channelId: ChannelId, name: string) => {
    const key = `${channelId}|${name}`
    const now = clock.now().getTime()
    const known = held.get(key)
    if (known !== undefined && now < known.until) return await known.secret
    if (held.size >= limits.secretsHeld) held.clear()
    const secret = read(channelId, name)
    held.set(key, { secret, until: now + limits.secretHeldMs })
    secret.catch(() => held.delete(key))
    return await secret
  }
}
