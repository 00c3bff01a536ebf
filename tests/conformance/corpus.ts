import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { edifactFormat, type EdifactMessage, type EdifactSegment } from '#hub/formats/edifact/index.ts'
import type { ReadInterchange } from '#hub/model/format.ts'
import { peerSegments } from './peer.ts'
import type { Part } from './run.ts'

/** What the index says of a file. */
interface Facts {
  segments: number
  interchanges: number
  messages: number
  icr?: string | null
  sender?: string | null
  recipient?: string | null
  types: string[]
  docs: (string | null)[]
}

/** What the hub reads in it. */
interface Read {
  segments: number
  interchanges: ReadInterchange[]
  types: string[]
  docs: string[]
  /** Tag and elements of every segment in a message. */
  content: string[]
  charset: string
}

/** Reads every EDIFACT document of the corpus, and compares it with its index and with npm `edifact`. */
export function corpusReport(folder: string): Part[] {
  const part = (title: string): Part => ({
    title,
    compared: 0,
    agreed: 0,
    explained: new Map(),
    unexplained: [],
  })
  const whole = part('corpus: EDIFACT files read without an exception')
  const index = part('corpus: facts of the index')
  const peer = part('corpus: segments, beside npm edifact where it reads the file')
  for (const { file, facts } of indexed(folder)) {
    const bytes = readFileSync(join(folder, file))
    const name = file.split('/').at(-1)!
    whole.compared++
    let read: Read
    try {
      read = readAll(bytes)
      whole.agreed++
    } catch (error) {
      whole.unexplained.push(`${name}: ${String(error)}`)
      continue
    }
    compareFacts(name, { facts, read }, index)
    comparePeer(name, { bytes, read }, peer)
  }
  return [whole, index, peer]
}

function* indexed(folder: string): Generator<{ file: string; facts: Facts }> {
  const [head = '', ...lines] = readFileSync(join(folder, 'INDEX.tsv'), 'utf8').split('\n')
  const columns = head.split('\t')
  const at = (cells: string[], column: string) => cells[columns.indexOf(column)] ?? ''
  for (const line of lines) {
    const cells = line.split('\t')
    if (at(cells, 'format') !== 'edifact' || at(cells, 'corpus_file') === '') continue
    yield { file: at(cells, 'corpus_file'), facts: JSON.parse(at(cells, 'facts_json')) as Facts }
  }
}

function readAll(bytes: Buffer): Read {
  const reader = edifactFormat.reader()
  const read: Read = { segments: 0, interchanges: [], types: [], docs: [], content: [], charset: '' }
  const groups = new Set<unknown>()
  for (const event of [...reader.push(bytes), ...reader.end()]) {
    if (event.kind === 'interchange') {
      read.interchanges.push(event.interchange)
      if (event.interchange.header !== null) read.segments++
    } else if (event.kind === 'trailer') {
      if (event.trailer.closed) read.segments++
    } else if (event.kind === 'message') {
      const { message } = event
      edifactFormat.check(message)
      read.segments += message.parts
      if (message.group !== undefined) groups.add(message.group.header)
      read.types.push(message.wireType)
      read.docs.push(message.number ?? '')
      read.content.push(...(message.tree as EdifactMessage).segments.map(textOf))
    }
  }
  // a group has a header and a trailer
  read.segments += 2 * groups.size
  return read
}

/** As npm `edifact` gives it: it knows no repetition, so occurrences stand side by side. */
function textOf({ tag, elements, repetitions = [] }: EdifactSegment): string {
  const values = elements.map((components, index) =>
    [components, ...repetitions.filter((one) => one.element === index + 1).map((one) => one.components)]
      .map((occurrence) => occurrence.join(':'))
      .join('*'),
  )
  return [tag, ...values].join('+')
}

function compareFacts(name: string, { facts, read }: { facts: Facts; read: Read }, part: Part): void {
  const [first] = read.interchanges
  const rows: [what: string, mine: unknown, theirs: unknown][] = [
    ['segments', read.segments, facts.segments],
    ['interchanges', read.interchanges.filter((one) => one.header !== null).length, facts.interchanges],
    ['messages', read.types.length, facts.messages],
    // the index names each type once, and no more than five documents
    [
      'types',
      [...new Set(read.types)].toSorted().join(' '),
      [...new Set(facts.types.map((type) => type.split(/[:*=]/)[0] ?? ''))].toSorted().join(' '),
    ],
    [
      'document numbers',
      read.docs.slice(0, facts.docs.length).join(' '),
      facts.docs.map((number) => number ?? '').join(' '),
    ],
  ]
  if (facts.icr !== undefined) rows.push(['reference', first?.reference, facts.icr ?? ''])
  if (facts.sender !== undefined) rows.push(['sender', first?.sender?.value ?? '', facts.sender ?? ''])
  if (facts.recipient !== undefined)
    rows.push(['receiver', first?.receiver?.value ?? '', facts.recipient ?? ''])
  for (const [what, mine, theirs] of rows) {
    part.compared++
    if (String(mine) === String(theirs)) part.agreed++
    else {
      const reason = reasonOf(name, what)
      if (reason === null)
        part.unexplained.push(
          `${name} ${what}: here ${String(mine).slice(0, 90)}, there ${String(theirs).slice(0, 90)}`,
        )
      else part.explained.set(reason, (part.explained.get(reason) ?? 0) + 1)
    }
  }
}

/** Why a fact of the index differs, by file and fact. */
const reasons: readonly (readonly [file: RegExp, what: RegExp, reason: string])[] = [
  [
    /SCRIPT-P\w+Request(s?_NEWRX)?\.txt|PharmacyRequest/,
    /interchanges|messages|types|document/,
    'an interactive interchange (UIB), which the index does not count',
  ],
  [
    /CorruptHeader|ignore_segments/,
    /segments/,
    'no interchange begins anywhere in the file: one fault, and no segment is guessed',
  ],
  [
    /orders_malformed/,
    /segments|messages|types/,
    'UNA is followed by BGM: no interchange begins in the file',
  ],
  [
    /ERROR_UNH1/,
    /segments/,
    'segments that stand in no message, since UNH is missing: the hub reports them, the index counts them',
  ],
  [
    /UTILMD_NL/,
    /segments|messages|types/,
    'the file has the letters \\r\\n behind each terminator; the hub reads past them, the index does not',
  ],
  [
    /EXAMPLE2\.TXT|BIN01/,
    /segments/,
    'a binary object (UNO … UNP): the hub passes over its bytes, the index cut them into segments',
  ],
  [
    /issue128-wrapped/,
    /reference/,
    'line ends in the middle of values: the hub leaves them out, the index has them',
  ],
]

function reasonOf(name: string, what: string): string | null {
  return reasons.find(([file, fact]) => file.test(name) && fact.test(what))?.[2] ?? null
}

function comparePeer(name: string, { bytes, read }: { bytes: Buffer; read: Read }, part: Part): void {
  const theirs = peerSegments(bytes)
  // without an interchange there is nothing to compare
  if (theirs === null || read.interchanges.length === 0) return
  part.compared++
  const content = theirs.filter((one) => !/^(UNA|UNB|UNZ|UNG|UNE)\b/.test(one))
  const at = read.content.findIndex((one, index) => one !== content[index])
  if (at < 0 && content.length === read.content.length) part.agreed++
  else part.unexplained.push(`${name} segment ${at + 1}: here ${read.content[at]}, there ${content[at]}`)
}
