import { z } from 'zod'
import { limits } from '#hub/base/limits.ts'
import type { Channel } from './transport.ts'

/** Limits that a channel may set for its own traffic, under `limits` of its settings. */
export const channelLimitsSchema = z
  .strictObject({
    fileBytes: z
      .int()
      .min(1)
      .max(2 * 1024 * 1024 * 1024)
      .optional(),
  })
  .optional()

/** Most bytes that one file may have on this channel: its setting `limits.fileBytes`, or the hub's. */
export function fileBytesLimit(channel: Channel): number {
  const own: unknown = channel.settings['limits']
  if (typeof own !== 'object' || own === null || !('fileBytes' in own)) return limits.fileBytes
  const { fileBytes } = own
  return Number.isSafeInteger(fileBytes) && (fileBytes as number) > 0
    ? (fileBytes as number)
    : limits.fileBytes
}
