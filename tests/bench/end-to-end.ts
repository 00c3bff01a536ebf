import pg from 'pg'
import type { BenchServer } from './database.ts'
import { startHub, type BenchHub, type Wanted } from './hub.ts'
import { edifactOrder } from './samples.ts'
import { post } from './senders.ts'
import { startSink, type Sink } from './sink.ts'
import type { Row } from './table.ts'

export interface EndToEnd {
  documents: number
  perSecond: number
  nodeMs: number
  postgresMs: number
  outputBytes: number
  /** Ledger entries written for each document. */
  entries: number
}

/** B3 to each format that the receiver may want; `main` is the one that the bar is about. */
export async function endToEndRows(
  server: BenchServer,
  { quick, profile }: { quick: boolean; profile?: string | undefined },
): Promise<{ rows: Row[]; main: EndToEnd }> {
  const rows: Row[] = []
  let main: EndToEnd | null = null
  for (const wanted of quick ? (['edifact'] as const) : (['xml', 'json', 'edifact'] as const)) {
    const documents = quick ? 400 : 4_000
    // a hub that has run for a while: V8 compiles for thousands of documents
    const warm = quick ? 200 : 4_000
    const measured = await endToEnd(server, {
      wanted,
      documents,
      warm,
      ...(profile === undefined ? {} : { profile }),
    })
    rows.push(rowOf(wanted, measured))
    main ??= measured
  }
  return { rows, main: main! }
}

function rowOf(wanted: Wanted, measured: EndToEnd): Row {
  const { nodeMs, postgresMs, perSecond, outputBytes } = measured
  const cpuMs = nodeMs + postgresMs
  return {
    bench: 'B3',
    what: `EDIFACT order of 5 kB in, ${wanted} of ${(outputBytes / 1000).toFixed(0)} kB out`,
    figure: `${cpuMs.toFixed(2)} ms CPU (node ${nodeMs.toFixed(2)}, PostgreSQL ${postgresMs.toFixed(2)})`,
    beside: `${perSecond.toFixed(0)} documents/s`,
    ratio: null,
    reach: '1.5 ms, then 1.1',
    reached: cpuMs <= 1.5,
  }
}

/** B3: orders in over HTTP, mapped, out over HTTP; CPU time for each document, from the first request to the last proof. */
export async function endToEnd(
  server: BenchServer,
  options: { wanted: Wanted; documents: number; warm: number; profile?: string },
): Promise<EndToEnd> {
  const sink = await startSink()
  const hub = await startHub(server, { sink: sink.url, ...options })
  try {
    await run(hub, sink, 0, options.warm)
    const before = {
      node: hub.cpuMs(),
      postgres: server.cpuMs(),
      bytes: sink.bytes(),
      entries: await entries(hub),
    }
    const startedMs = performance.now()
    await run(hub, sink, options.warm, options.documents)
    const { documents } = options
    return {
      documents,
      perSecond: (documents * 1000) / (performance.now() - startedMs),
      nodeMs: (hub.cpuMs() - before.node) / documents,
      postgresMs: (server.cpuMs() - before.postgres) / documents,
      outputBytes: (sink.bytes() - before.bytes) / documents,
      entries: ((await entries(hub)) - before.entries) / documents,
    }
  } finally {
    await hub.stop()
    await sink.close()
  }
}

async function run(hub: BenchHub, sink: Sink, from: number, count: number): Promise<void> {
  await post({ ...hub, connections: 32, from, count, body: (number) => edifactOrder(number, 36) })
  await sink.reached(from + count)
  await settled(hub)
}

/** Resolves when nothing waits to be delivered or settled. */
async function settled(hub: BenchHub): Promise<void> {
  for (;;) {
    const open = await ask(hub, `select count(*) from delivery where state <> 'delivered'`)
    if (open === 0) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function entries(hub: BenchHub): Promise<number> {
  return ask(hub, 'select count(*) from entry')
}

async function ask({ databaseUrl }: BenchHub, text: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const { rows } = await client.query<{ count: string }>(text)
  await client.end()
  return Number(rows[0]!.count)
}
