/**
 * Items that come one by one share a flush: one that comes while `inFlight` flushes are under way waits for the next, and
 * no timer delays it. `flush` answers for its items in their order; where it throws, each of them rejects.
 */
export function gather<Item, Result>(
  flush: (items: Item[]) => Promise<readonly Result[]>,
  options: { max: number; inFlight: number },
): (item: Item) => Promise<Result> {
  const waiting: { item: Item; settle: PromiseWithResolvers<Result> }[] = []
  let flying = 0

  const begin = (): void => {
    while (flying < options.inFlight && waiting.length > 0) {
      flying += 1
      void fly(waiting.splice(0, options.max))
    }
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
    queueMicrotask(begin)
    return settle.promise
  }
}
