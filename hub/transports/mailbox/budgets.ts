import { limits } from '#hub/base/limits.ts'
import type { ChannelId } from '#hub/model/ids.ts'
import type { UploadBudget } from './inbox.ts'
import type { ReadBudget } from './outbox.ts'

/** What one channel, over all its connections, may hold of the server at once. */
export class Budgets {
  readonly #uploads = new Map<ChannelId, number>()
  readonly #readBytes = new Map<ChannelId, number>()
  #uploadsOpen = 0

  uploads(channelId: ChannelId): UploadBudget {
    return {
      take: () => {
        const own = this.#uploads.get(channelId) ?? 0
        if (own >= limits.sftpUploadsPerChannel || this.#uploadsOpen >= limits.sftpUploadsOpen) return false
        this.#uploadsOpen += 1
        this.#uploads.set(channelId, own + 1)
        return true
      },
      give: () => {
        this.#uploadsOpen -= 1
        change(this.#uploads, channelId, -1)
      },
    }
  }

  reading(channelId: ChannelId): ReadBudget {
    return {
      take: (bytes) => {
        const own = this.#readBytes.get(channelId) ?? 0
        // one file is always let in, however large the hub made it
        if (own > 0 && own + bytes > limits.sftpDownloadBytesPerChannel) return false
        change(this.#readBytes, channelId, bytes)
        return true
      },
      give: (bytes) => change(this.#readBytes, channelId, -bytes),
    }
  }
}

function change(counts: Map<ChannelId, number>, channelId: ChannelId, by: number): void {
  const next = (counts.get(channelId) ?? 0) + by
  if (next <= 0) counts.delete(channelId)
  else counts.set(channelId, next)
}
