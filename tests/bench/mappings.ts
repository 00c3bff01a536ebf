import type { BenchServer } from './database.ts'
import { startHub, type BenchHub } from './hub.ts'
import { edifactOrder } from './samples.ts'
import { ownMappings } from './own-mappings.ts'
import { post } from './senders.ts'
import { startSink, type Sink } from './sink.ts'
import type { Row } from './table.ts'

/** B10: orders of 100 lines through the whole pipeline, the last step by the library's mapping and by mappings of one's own. */
export async function mappingRows(server: BenchServer, { quick }: { quick: boolean }): Promise<Row[]> {
  const rounds = quick ? 3 : 8
  const documents = quick ? 60 : 150
  const runs = [await open(server, 'order/ubl-2.1')]
  for (const name of Object.keys(ownMappings)) runs.push(await open(server, name))
  try {
    for (const run of runs) await batch(run, documents)
    for (const run of runs) Object.assign(run, { ms: 0, cpuMs: 0, done: 0 })
    // in turns, so that whatever else the machine does falls on all alike
    for (let round = 0; round < rounds; round++) for (const run of runs) await batch(run, documents)
    checkEqual(runs)
    const [native, ...own] = runs
    return own.map((run) => rowOf(run, native!))
  } finally {
    for (const { hub, sink } of runs) {
      await hub.stop()
      await sink.close()
    }
  }
}

interface Run {
  name: string
  hub: BenchHub
  sink: Sink
  next: number
  done: number
  ms: number
  cpuMs: number
  /** Size of all that arrived. */
  bytes: number
}

async function open(server: BenchServer, name: string): Promise<Run> {
  const sink = await startSink()
  const own = ownMappings[name]
  const mapping = own === undefined ? { name } : { name, document: own }
  const hub = await startHub(server, { sink: sink.url, wanted: 'xml', mapping })
  return { name, hub, sink, next: 0, done: 0, ms: 0, cpuMs: 0, bytes: 0 }
}

async function batch(run: Run, count: number): Promise<void> {
  const { hub, sink } = run
  const before = hub.cpuMs()
  const startedMs = performance.now()
  // numbers of equal length, so that all runs write as many bytes
  await post({
    ...hub,
    connections: 16,
    from: run.next,
    count,
    body: (number) => edifactOrder(100_000 + number, 100),
  })
  run.next += count
  await sink.reached(run.next)
  run.ms += performance.now() - startedMs
  run.cpuMs += hub.cpuMs() - before
  run.done += count
  run.bytes = sink.bytes()
}

/** They are the same mapping only if they write the same. */
function checkEqual(runs: readonly Run[]): void {
  for (const run of runs)
    if (run.bytes !== runs[0]!.bytes)
      throw new Error(`${run.name} wrote ${run.bytes} bytes, ${runs[0]!.name} ${runs[0]!.bytes}`)
}

const bars: Readonly<Record<string, number>> = { 'order/rules': 0.8, 'order/template': 0.6 }
const words: Readonly<Record<string, string>> = {
  'order/rules': 'declarative rules',
  'order/expressions': 'rules with one JavaScript expression a line',
  'order/template': 'a Handlebars template',
}

function rowOf(run: Run, native: Run): Row {
  const perSecond = (of: Run) => (of.done * 1000) / of.ms
  const cpu = (of: Run) => (of.cpuMs / of.done).toFixed(2)
  const ratio = perSecond(run) / perSecond(native)
  const bar = bars[run.name]
  return {
    bench: 'B10',
    what: `order of 100 lines to UBL by ${words[run.name]}`,
    figure: `${perSecond(run).toFixed(0)} documents/s, ${cpu(run)} ms CPU`,
    beside: `the library's mapping: ${perSecond(native).toFixed(0)} documents/s, ${cpu(native)} ms CPU`,
    ratio,
    reach: bar === undefined ? 'printed' : String(bar),
    reached: bar === undefined ? null : ratio >= bar,
  }
}
