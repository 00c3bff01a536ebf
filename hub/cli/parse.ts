import { createLog } from '#hub/base/log.ts'
import { checkCanonical } from '#hub/canonical/index.ts'
import { detectFormat, formats } from '#hub/formats/index.ts'
import { tryMapping } from '#hub/tools.ts'
import { codes } from '#hub/model/codes/index.ts'
import type { Finding } from '#hub/model/findings.ts'
import type { Guide } from '#hub/model/guide.ts'
import type {
  FormatEvent,
  FormatName,
  FormatReader,
  ReadInterchange,
  ReadMessage,
  ReadTrailer,
} from '#hub/model/format.ts'
import { findingLines } from './finding-text.ts'
import { guidesOf } from './guide-files.ts'
import { openInput } from './input.ts'
import { onePositional, type Call, type Verb } from './verb.ts'

export const parse: Verb = {
  name: 'parse',
  summary: 'reads a file in any format and prints its tree and findings',
  usage: 'crossdock parse FILE|- [--summary] [--canonical] [--json] [--charset NAME] [--guide FILE.yaml]',
  help: `Detects the format from the bytes. With - it reads standard input. --summary counts instead of printing segments.
--canonical also maps each message as the hub does without a partner's own mapping, and says what the hub would miss in it.
--guide reads guides (docs/directories.md) and holds EDIFACT messages against the one for them; it may be given several times.
Exit code 1 where something is wrong with the content, each fault with its code, position and what to do.`,
  options: {
    summary: { type: 'boolean' },
    canonical: { type: 'boolean' },
    charset: { type: 'string' },
    guide: { type: 'string', multiple: true },
  },
  run: async (call) => {
    const report = await readFile(onePositional(call, 'FILE, or - for standard input'), call)
    if (call.json) call.out(JSON.stringify(report, null, 2))
    else printReport(report, call)
    return report.format === null || report.findings.some((finding) => finding.severity === 'error') ? 1 : 0
  },
}

/** How much of a file tells its format. */
const detectBytes = 4096

interface Report {
  format: FormatName | null
  syntax: string
  interchanges: InterchangeReport[]
  findings: (Finding & { stableCode: string })[]
}

interface InterchangeReport {
  sender: string | null
  receiver: string | null
  reference: string
  closed: boolean
  documents: DocumentReport[]
}

interface DocumentReport {
  type: string
  version: string
  guide: string
  reference: string
  number: string | null
  parts: number
  lines: number
  segments?: unknown
  tree?: unknown
  /** Of the library, where it was tried. */
  mapping?: string
}

async function readFile(path: string, call: Call): Promise<Report> {
  const report: Report = { format: null, syntax: '', interchanges: [], findings: [] }
  const guides = await guidesOf(call.options['guide'])
  const wanted = {
    trees: call.options['summary'] !== true,
    mapping: call.options['canonical'] === true,
    guides,
  }
  const charset = call.options['charset']
  const take = async (events: FormatEvent[]) => {
    for (const event of events) await addEvent(report, event, wanted)
  }
  const input = { head: Buffer.alloc(0), reader: null as FormatReader | null }
  const start = async (): Promise<boolean> => {
    report.format = detectFormat(input.head)
    if (report.format === null) return false
    input.reader = formats[report.format].reader(typeof charset === 'string' ? { charset } : {})
    await take(input.reader.push(input.head))
    return true
  }
  for await (const chunk of await openInput(path)) {
    if (input.reader !== null) await take(input.reader.push(chunk))
    else {
      input.head = Buffer.concat([input.head, chunk])
      if (input.head.length >= detectBytes && !(await start())) break
    }
  }
  if (input.reader === null && input.head.length < detectBytes) await start()
  if (input.reader === null) report.findings.push(unknownFormat())
  else await take(input.reader.end())
  return report
}

interface Wanted {
  guides: readonly Guide[]
  trees: boolean
  mapping: boolean
}

async function addEvent(report: Report, event: FormatEvent, wanted: Wanted): Promise<void> {
  switch (event.kind) {
    case 'interchange':
      addInterchange(report, event.interchange)
      return
    case 'message':
      await addMessage(report, event.message, wanted)
      return
    case 'trailer':
      addTrailer(report, event.trailer)
      return
    case 'fault':
      addFindings(report, event.findings)
  }
}

function addInterchange(report: Report, interchange: ReadInterchange): void {
  if (report.syntax === '') report.syntax = interchange.syntax
  const name = (party: ReadInterchange['sender']) =>
    party === null ? null : `${party.value} (${party.scheme})`
  report.interchanges.push({
    sender: name(interchange.sender),
    receiver: name(interchange.receiver),
    reference: interchange.reference,
    closed: false,
    documents: [],
  })
  addFindings(report, interchange.findings)
}

async function addMessage(report: Report, message: ReadMessage, wanted: Wanted): Promise<void> {
  const { wireType, version, guide, reference, number, parts, lines } = message
  const document: DocumentReport = { type: wireType, version, guide, reference, number, parts, lines }
  if (wanted.trees) {
    const { segments } = message.tree as { segments?: unknown }
    if (segments === undefined) document.tree = message.tree
    else document.segments = segments
  }
  report.interchanges.at(-1)?.documents.push(document)
  addFindings(report, message.findings)
  const tried = wanted.mapping ? await tryMapping(message, createLog('fatal')) : null
  addFindings(
    report,
    formats[message.format].check(message, {
      guides: wanted.guides,
      ...(tried === null ? { canonical: checkCanonical } : {}),
    }),
  )
  if (tried === null) return
  document.mapping = tried.mapping
  addFindings(report, tried.findings)
}

function addTrailer(report: Report, trailer: ReadTrailer): void {
  const interchange = report.interchanges.at(-1)
  if (interchange !== undefined) interchange.closed = trailer.closed
  addFindings(report, trailer.findings)
}

function addFindings(report: Report, findings: readonly Finding[]): void {
  for (const finding of findings) report.findings.push({ ...finding, stableCode: codes[finding.code].code })
}

function unknownFormat(): Report['findings'][number] {
  const row = codes.formatUnknown
  return {
    code: 'formatUnknown',
    stableCode: row.code,
    severity: 'error',
    message: row.en.what,
    position: { offset: 0 },
  }
}

function printReport(report: Report, call: Call): void {
  const { format, syntax, interchanges } = report
  call.out(
    format === null ? 'Format: not recognised' : `Format: ${format}${syntax === '' ? '' : ` (${syntax})`}`,
  )
  for (const interchange of interchanges) {
    const { sender, receiver, reference, closed, documents } = interchange
    const names = sender === null && receiver === null ? '' : ` from ${sender ?? '?'} to ${receiver ?? '?'}`
    const state = closed ? '' : ', not closed'
    call.out(
      `Interchange${reference === '' ? '' : ` ${reference}`}${names}: ${count(documents.length, 'document')}${state}`,
    )
    for (const document of documents) printDocument(document, call)
  }
  for (const finding of report.findings) findingLines(finding).forEach((line) => call.out(line))
  if (report.findings.length === 0) call.out('No findings.')
}

function printDocument(document: DocumentReport, call: Call): void {
  const { type, version, number, parts, lines, mapping } = document
  const size = `${count(parts, 'part')}, ${count(lines, 'line')}`
  call.out(
    `  ${type}${version === '' ? '' : ` ${version}`}${number === null ? '' : ` number ${number}`}: ${size}${mapping === undefined ? '' : `, read as ${mapping}`}`,
  )
  const { segments } = document as { segments?: { tag: string; elements: string[][] }[] }
  segments?.forEach(({ tag, elements }, index) => {
    const text = elements.map((components) => components.join(':')).join('+')
    call.out(`    ${String(index + 1).padStart(4)}  ${tag}${text === '' ? '' : `+${text}`}`)
  })
  if (document.tree !== undefined) {
    for (const line of JSON.stringify(document.tree, null, 2).split('\n')) call.out(`    ${line}`)
  }
}

function count(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? '' : 's'}`
}
