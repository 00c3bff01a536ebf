export interface GatherOptions {
  /** Items of one flush, and flushes at once. */
  max: number
  inFlight: number
  /**
   * How many more items may come soon. While that is more than what waits, a flush waits for them, though no longer than
   * `patienceMs`: so work that ends in close succession shares one.
   */
  expected?: () => number
  patienceMs?: number
}

/**
 * Items that come one by one share a flush: one that comes while `inFlight` flushes are under way waits for the next. `flush`
 * answers for its items in their order; where it throws, each of them rejects.
 */
export function gather<Item, Result>(
  flush: (items: Item[]) => Promise<readonly Result[]>,
  options: GatherOptions,
): (item: Item) => Promise<Result> {
  const { max, inFlight, expected = () => 0, patienceMs = 0 } = options
  const waiting: { item: Item; settle: PromiseWithResolvers<Result> }[] = []
  let flying = 0
  let patience: NodeJS.Timeout | null = null
  let due = false

  const begin = (): void => {
    while (flying < inFlight && waiting.length > 0) {
      if (waiting.length < Math.min(max, expected()) && patienceMs > 0) {
        patience ??= setTimeout(goNow, patienceMs)
        return
      }
      goNow()
    }
  }
  const beginOfTurn = (): void => {
    due = false
    begin()
  }
  const goNow = (): void => {
    if (patience !== null) clearTimeout(patience)
    patience = null
    if (flying >= inFlight || waiting.length === 0) return
    flying += 1
    void fly(waiting.splice(0, max))
  }
  const fly = async (batch: typeof waiting): Promise<void> => {
    try {
      const results = await flush(batch.map(({ item }) => item))
      batch.forEach(({ settle }, index) => settle.resolve(results[index]!))
    } catch (error) {
      for (const { settle } of batch) settle.reject(error)
    } finally {
      flying -= 1
      begin()
    }
  }
  return (item) => {
    const settle = Promise.withResolvers<Result>()
    waiting.push({ item, settle })
    // what is asked for in the same turn of the event loop goes together
    if (!due) setImmediate(beginOfTurn)
    due = true
    return settle.promise
  }
}
