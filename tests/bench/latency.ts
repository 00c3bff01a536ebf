import pg from 'pg'
import type { BenchServer } from './database.ts'
import { startHub } from './hub.ts'
import { median } from './receive.ts'
import { edifactOrder } from './samples.ts'
import { post } from './senders.ts'
import { startSink } from './sink.ts'
import type { Row } from './table.ts'

/** B2: one document at a time through an idle hub, from the first byte sent to the last byte at the receiver. */
export async function latencyRow(server: BenchServer, { quick }: { quick: boolean }): Promise<Row> {
  const sink = await startSink()
  const hub = await startHub(server, { sink: sink.url, wanted: 'xml' })
  try {
    const tries: number[] = []
    const warm = quick ? 10 : 30
    for (let number = 0; number < warm + (quick ? 25 : 100); number++) {
      const startedMs = performance.now()
      const posted = post({
        ...hub,
        connections: 1,
        from: number,
        count: 1,
        body: (at) => edifactOrder(at, 36),
      })
      await sink.reached(number + 1)
      if (number >= warm) tries.push(performance.now() - startedMs)
      await posted
    }
    const sorted = tries.toSorted((a, b) => a - b)
    const p50 = median(tries)
    const commit = await commitMs(server)
    return {
      bench: 'B2',
      what: 'accept to delivered, idle hub, p50',
      figure: `${p50.toFixed(0)} ms (p95 ${sorted[Math.floor(sorted.length * 0.95)]!.toFixed(0)} ms)`,
      beside: `one commit ${commit.toFixed(1)} ms`,
      ratio: null,
      reach: '100 ms, then 50',
      reached: p50 < 100,
    }
  } finally {
    await hub.stop()
    await sink.close()
  }
}

/** What one small commit takes on this machine: a delivery is five of them, one after the other. */
async function commitMs(server: BenchServer): Promise<number> {
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query('create table if not exists bench_commit (at timestamptz)')
  const times: number[] = []
  for (let turn = 0; turn < 30; turn++) {
    const startedMs = performance.now()
    await client.query('insert into bench_commit values (now())')
    times.push(performance.now() - startedMs)
  }
  await client.end()
  return median(times)
}
