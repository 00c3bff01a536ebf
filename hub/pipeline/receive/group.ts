/** How much shares one run, and how much may wait. */
export interface GroupLimits {
  documents: number
  bytes: number
  inFlight: number
  /** A run begins beside another only where so many documents wait, or as many bytes as one run takes. */
  beside: number
  waitingBytes: number
}

export interface Group<Item, Result> {
  /** Joins the next run; returns what that run made of it. */
  join(item: Item, bytes: number): Promise<Result>
  /** Whether so much waits that no more should be taken. */
  full(): boolean
  /** Resolves when nothing waits or runs. */
  idle(): Promise<void>
}

interface Waiting<Item, Result> {
  item: Item
  bytes: number
  settle: PromiseWithResolvers<Result>
}

/**
 * Lets all that wait share one run. There is no timer: a run begins at once where none is under way, beside others where much
 * waits, else when one of them ends; so the busier it is, the more share a run. `run` gives one result for each item, in order.
 */
export function createGroup<Item, Result>(
  limits: GroupLimits,
  run: (items: Item[]) => Promise<PromiseSettledResult<Result>[]>,
): Group<Item, Result> {
  const waiting: Waiting<Item, Result>[] = []
  let waitingBytes = 0
  let running = 0
  let whenIdle: (() => void)[] = []

  const start = (): void => {
    while (running < limits.inFlight && waiting.length > 0 && (running === 0 || waitsMuch())) {
      const members = takeMembers()
      running += 1
      void settleMembers(members).finally(() => {
        running -= 1
        start()
      })
    }
    if (running > 0 || waiting.length > 0) return
    for (const resolve of whenIdle) resolve()
    whenIdle = []
  }

  const waitsMuch = (): boolean => waiting.length >= limits.beside || waitingBytes >= limits.bytes

  const takeMembers = (): Waiting<Item, Result>[] => {
    let count = 0
    let bytes = 0
    while (count < waiting.length && count < limits.documents) {
      bytes += waiting[count]!.bytes
      // the first one goes however large it is
      if (count > 0 && bytes > limits.bytes) break
      count += 1
    }
    const members = waiting.splice(0, count)
    for (const member of members) waitingBytes -= member.bytes
    return members
  }

  const settleMembers = async (members: Waiting<Item, Result>[]): Promise<void> => {
    try {
      const results = await run(members.map((member) => member.item))
      members.forEach((member, at) => {
        const result = results[at]!
        if (result.status === 'fulfilled') member.settle.resolve(result.value)
        else member.settle.reject(result.reason)
      })
    } catch (error) {
      for (const member of members) member.settle.reject(error)
    }
  }

  return {
    join: (item, bytes) => {
      const settle = Promise.withResolvers<Result>()
      waiting.push({ item, bytes, settle })
      waitingBytes += bytes
      start()
      return settle.promise
    },
    full: () => waitingBytes > limits.waitingBytes,
    idle: async () => {
      if (running > 0 || waiting.length > 0) await new Promise<void>((resolve) => whenIdle.push(resolve))
    },
  }
}
