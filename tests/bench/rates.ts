/** Something that is done to so many bytes; what it returns keeps it from being left out. */
export interface Work {
  name: string
  run: () => unknown
  bytes: number
}

/** Does each for `ms` of CPU in turns, after a warm-up, and gives the bytes a second of CPU time, by name. */
export function besideEachOther(works: readonly Work[], ms: number): Record<string, number> {
  const spent = new Map(works.map(({ name }) => [name, { bytes: 0, ms: 0 }]))
  for (const work of works) during(work, ms / 3)
  const turns = 5
  for (let turn = 0; turn < turns; turn++) {
    for (const work of works) {
      const done = during(work, ms / turns)
      const sum = spent.get(work.name)!
      sum.bytes += done.bytes
      sum.ms += done.ms
    }
  }
  return Object.fromEntries([...spent].map(([name, sum]) => [name, (sum.bytes * 1000) / sum.ms]))
}

export function megabytes(bytes: number): string {
  const value = bytes / 1e6
  return value.toFixed(value < 10 ? 1 : 0)
}

/** Other programs share the machine: the CPU time of this process counts, its garbage collection included. */
function during({ run, bytes }: Work, ms: number): { bytes: number; ms: number } {
  const before = process.cpuUsage()
  let runs = 0
  for (;;) {
    run()
    runs += 1
    const { user, system } = process.cpuUsage(before)
    const spentMs = (user + system) / 1000
    if (spentMs >= ms) return { bytes: runs * bytes, ms: spentMs }
  }
}
