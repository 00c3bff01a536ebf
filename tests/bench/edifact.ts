import { limits } from '#hub/base/limits.ts'
import { createRequire } from 'node:module'
import { edifactFormat } from '#hub/formats/edifact/index.ts'
import { defaultSeparators } from '#hub/formats/edifact/separators.ts'
import { byteKinds } from '#hub/formats/edifact/byte-kinds.ts'
import { Scanner } from '#hub/formats/edifact/scanner.ts'
import type { EdifactMessage } from '#hub/formats/edifact/index.ts'
import { edifactInterchange, edifactOrder } from './samples.ts'
import { besideEachOther, megabytes, type Work } from './rates.ts'
import type { Row } from './table.ts'

type Segments = { name: string; elements: string[][] }[]

/** B4 and B5: EDIFACT bytes to segments, and to messages checked against their directory. */
export async function edifactRows({ quick }: { quick: boolean }): Promise<Row[]> {
  const small = edifactOrder(1, 36)
  const large = edifactInterchange(1024 * 1024, 36)
  const rows: Row[] = []
  for (const [size, bytes] of [
    ['5 kB', small],
    ['1 MB', large],
  ] as const)
    rows.push(...sizeRows(size, bytes, quick))
  rows.push(streamRow(large, quick ? 20 : 100))
  return rows
}

function sizeRows(size: string, bytes: Buffer, quick: boolean): Row[] {
  const tree = JSON.stringify(byPeer(bytes))
  const works: Work[] = [
    { name: 'scan', run: () => scan(bytes), bytes: bytes.length },
    { name: 'check', run: () => readAndCheck([bytes]), bytes: bytes.length },
    { name: 'edifact', run: () => byPeer(bytes).length, bytes: bytes.length },
    { name: 'parse', run: () => (JSON.parse(tree) as Segments).length, bytes: bytes.length },
    { name: 'indexOf', run: () => count(bytes), bytes: bytes.length },
  ]
  const rate = besideEachOther(works, quick ? 250 : 1_000)
  const beside = `edifact ${megabytes(rate['edifact']!)}, JSON.parse ${megabytes(rate['parse']!)}, indexOf ${megabytes(rate['indexOf']!)}`
  const scanned = rate['scan']!
  const checked = rate['check']!
  return [
    {
      bench: 'B4',
      what: `EDIFACT to segments, ${size}`,
      figure: `${megabytes(scanned)} MB/s`,
      beside,
      ratio: scanned / rate['edifact']!,
      reach: '3 × edifact and JSON.parse',
      reached: scanned >= 3 * rate['edifact']! && scanned >= rate['parse']!,
    },
    {
      bench: 'B5',
      what: `the same, read and checked, ${size}`,
      figure: `${megabytes(checked)} MB/s`,
      beside: `to segments ${megabytes(scanned)}`,
      ratio: checked / scanned,
      reach: '30 MB/s, then 60',
      reached: checked >= 30e6,
    },
  ]
}

/** As much as a large file, in chunks of 64 KiB, without ever holding it. */
function streamRow(interchange: Buffer, times: number): Row {
  const chunkBytes = 64 * 1024
  const startedMs = performance.now()
  const chunks = function* () {
    for (let time = 0; time < times; time++)
      for (let at = 0; at < interchange.length; at += chunkBytes)
        yield interchange.subarray(at, at + chunkBytes)
  }
  readAndCheck(chunks())
  const rate = (interchange.length * times * 1000) / (performance.now() - startedMs)
  return {
    bench: 'B5',
    what: `read and checked, ${times} MB streamed`,
    figure: `${megabytes(rate)} MB/s`,
    beside: '–',
    ratio: null,
    reach: '30 MB/s, then 60',
    reached: rate >= 30e6,
  }
}

function scan(bytes: Buffer): number {
  const scanner = new Scanner(byteKinds(defaultSeparators, null), limits.segmentElements)
  let segments = 0
  // the reader hands it windows of this size
  const windowBytes = 128 * 1024
  let used = 0
  while (used < bytes.length) {
    scanner.load(bytes.subarray(used, used + windowBytes), used)
    let at = scanner.skipLayout(0)
    for (let end = scanner.next(at); end >= 0; end = scanner.next(at)) {
      segments++
      at = scanner.skipLayout(end)
    }
    if (at === 0) break
    used += at
  }
  return segments
}

function readAndCheck(chunks: Iterable<Buffer>): number {
  const reader = edifactFormat.reader()
  let segments = 0
  const take = (events: ReturnType<typeof reader.push>): void => {
    for (const event of events) {
      if (event.kind !== 'message') continue
      const errors = edifactFormat.check(event.message).filter(({ severity }) => severity === 'error')
      if (errors.length > 0) throw new Error(errors[0]!.message)
      segments += (event.message.tree as EdifactMessage).segments.length
    }
  }
  for (const chunk of chunks) take(reader.push(chunk))
  take(reader.end())
  return segments
}

interface PeerParser {
  encoding(level: string): void
  on(event: string, listener: (data: string) => void): void
  write(text: string): void
  end(): void
}
const require = createRequire(import.meta.url)
const Parser = require('edifact/parser.js') as new (validator?: unknown) => PeerParser

/** npm `edifact`, driven to segments with elements with components. */
function byPeer(bytes: Buffer): Segments {
  const parser = new Parser()
  parser.encoding('UNOC')
  const segments: Segments = []
  let elements: string[][] = []
  let components: string[] = []
  parser.on('opensegment', (name) => segments.push({ name, elements: (elements = []) }))
  parser.on('element', () => elements.push((components = [])))
  parser.on('component', (data) => components.push(data))
  parser.write(bytes.toString('latin1'))
  parser.end()
  return segments
}

function count(bytes: Buffer): number {
  let segments = 0
  for (let at = bytes.indexOf(0x27); at !== -1; at = bytes.indexOf(0x27, at + 1)) segments++
  return segments
}
