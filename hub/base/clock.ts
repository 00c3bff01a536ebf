/** The one source of time. Leases and due times use the database's clock (`now()`); this one is for everything else. */
export interface Clock {
  now(): Date
}

export const systemClock: Clock = { now: () => new Date() }
