import { z } from 'zod'
import {
  mostOf,
  trafficLimitNames,
  trafficLimits,
  type TrafficLimitName,
  type TrafficLimits,
} from '#hub/base/traffic-limits.ts'
import type { Channel } from './transport.ts'

/** Limits that a channel may set for its own traffic, under `limits` of its settings. */
export const channelLimitsSchema = z
  .strictObject(
    Object.fromEntries(trafficLimitNames.map((name) => [name, limitSchema(name)])) as Record<
      TrafficLimitName,
      ReturnType<typeof limitSchema>
    >,
  )
  .optional()

function limitSchema(name: TrafficLimitName) {
  const said = `${name} is a whole number from 1 to ${mostOf(name)}`
  return z.int(said).min(1, said).max(mostOf(name), said).optional()
}

/** What files that come over this channel are held to: its setting `limits`, and the hub's limits for the rest. */
export function limitsOf(channel: Channel): TrafficLimits {
  const { settings } = channel
  const known = held.get(settings)
  if (known !== undefined) return known
  const limits = trafficLimits(ownLimits(settings['limits']))
  held.set(settings, limits)
  return limits
}

/** Settings are read again with every change of configuration, and asked for with every file. */
const held = new WeakMap<Channel['settings'], TrafficLimits>()

/** What was written by an earlier version may pass today's most: then that counts. */
function ownLimits(written: unknown): Partial<Record<TrafficLimitName, number>> {
  const own: Partial<Record<TrafficLimitName, number>> = {}
  if (typeof written !== 'object' || written === null) return own
  for (const name of trafficLimitNames) {
    const value = (written as Record<string, unknown>)[name]
    if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0)
      own[name] = Math.min(value, mostOf(name))
  }
  return own
}

/** Most bytes that one file may have on this channel: its setting `limits.fileBytes`, or the hub's. */
export function fileBytesLimit(channel: Channel): number {
  return limitsOf(channel).fileBytes
}
