import { limits } from '#hub/base/limits.ts'
import type { ChannelId, DeliveryId } from '#hub/model/ids.ts'

export interface LaneWork {
  /** Claims and sends one delivery. `release` gives the slot back as soon as the network is done. */
  run(deliveryId: DeliveryId, release: () => void): Promise<RunEnd>
  /** The oldest due deliveries of a channel, for a lane that had to leave some in their table. */
  refill(channelId: ChannelId, limit: number): Promise<DeliveryId[]>
}

/** `trouble`: the peer could not be reached or did not answer. `skipped`: there was nothing to claim. */
export type RunEnd = 'well' | 'trouble' | 'skipped'

export interface Lanes {
  /** Queues a delivery behind the others of its channel, or leaves it in its table where the lane is full. */
  add(channelId: ChannelId, deliveryId: DeliveryId, attemptsAtOnce: number): void
  /** Begins nothing more; what is queued stays in its table. */
  stop(): void
}

interface Lane {
  channelId: ChannelId
  attemptsAtOnce: number
  queued: Set<DeliveryId>
  running: number
  /** Attempts in a row that ended in trouble. */
  troubles: number
  /** Some of this channel's were left in their table. */
  more: boolean
  refilling: boolean
  /** Whether anything was claimed since the last refill: if not, another one would bring the same again. */
  claimed: boolean
}

/**
 * One lane for each channel, so that a slow or dead partner holds up only its own: a few attempts at once in a lane, one where
 * the last ones all failed, many in all. What a lane cannot keep in mind stays in its table and is fetched when there is room.
 */
export function createLanes(work: LaneWork): Lanes {
  const lanes = new Map<ChannelId, Lane>()
  let running = 0
  let stopped = false

  const hasRoom = (lane: Lane): boolean =>
    !stopped && lane.running < width(lane) && running < limits.deliveriesInFlight

  const pump = (lane: Lane): void => {
    while (hasRoom(lane)) {
      const next = lane.queued.values().next()
      if (next.done === true) break
      lane.queued.delete(next.value)
      void run(lane, next.value)
    }
    if (lane.queued.size === 0 && lane.more && lane.claimed && !lane.refilling && !stopped) void refill(lane)
  }

  const run = async (lane: Lane, deliveryId: DeliveryId): Promise<void> => {
    lane.running += 1
    running += 1
    let held = true
    const release = (): void => {
      if (!held) return
      held = false
      lane.running -= 1
      running -= 1
      pumpAll(lane)
    }
    try {
      const end = await work.run(deliveryId, release)
      if (end !== 'skipped') lane.claimed = true
      if (end === 'well') lane.troubles = 0
      if (end === 'trouble') lane.troubles += 1
    } finally {
      release()
      pump(lane)
    }
  }

  // a slot that one lane gives back may be what another waited for
  const pumpAll = (first: Lane): void => {
    pump(first)
    if (running >= limits.deliveriesInFlight - 1) for (const lane of lanes.values()) pump(lane)
  }

  const refill = async (lane: Lane): Promise<void> => {
    lane.refilling = true
    lane.more = false
    lane.claimed = false
    try {
      const ids = await work.refill(lane.channelId, limits.deliveriesQueuedPerChannel)
      for (const id of ids) lane.queued.add(id)
      lane.more = ids.length === limits.deliveriesQueuedPerChannel
    } finally {
      lane.refilling = false
      pump(lane)
    }
  }

  return {
    add: (channelId, deliveryId, attemptsAtOnce) => {
      const lane = lanes.get(channelId) ?? newLane(channelId)
      lane.attemptsAtOnce = attemptsAtOnce
      lanes.set(channelId, lane)
      if (lane.queued.size >= limits.deliveriesQueuedPerChannel) {
        lane.more = true
        lane.claimed = true
        return
      }
      lane.queued.add(deliveryId)
      pump(lane)
    },
    stop: () => {
      stopped = true
    },
  }
}

const troublesUntilNarrow = 3

// a partner that is down is tried with one attempt at a time until one goes well
function width(lane: Lane): number {
  return lane.troubles >= troublesUntilNarrow ? 1 : lane.attemptsAtOnce
}

function newLane(channelId: ChannelId): Lane {
  return {
    channelId,
    attemptsAtOnce: 1,
    queued: new Set(),
    running: 0,
    troubles: 0,
    more: false,
    refilling: false,
    claimed: false,
  }
}
