import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { checkCanonical } from '#hub/canonical/index.ts'
import { detectFormat, formats } from '#hub/formats/index.ts'
import { codes } from '#hub/model/codes/index.ts'
import type { Finding } from '#hub/model/findings.ts'
import type {
  FormatEvent,
  FormatName,
  FormatReader,
  ReadInterchange,
  ReadMessage,
  ReadTrailer,
} from '#hub/model/format.ts'
import { onePositional, UsageError, type Call, type Verb } from './verb.ts'

export const parse: Verb = {
  name: 'parse',
  summary: 'reads a file in any format and prints its tree and findings',
  usage: 'crossdock parse FILE|- [--summary] [--json] [--charset NAME]',
  help: `Detects the format from the bytes. With - it reads standard input. --summary counts instead of printing segments.
Exit code 1 where something is wrong with the content, each fault with its code, position and what to do.`,
  options: { summary: { type: 'boolean' }, charset: { type: 'string' } },
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
}

async function readFile(path: string, call: Call): Promise<Report> {
  const report: Report = { format: null, syntax: '', interchanges: [], findings: [] }
  const keepTrees = call.options['summary'] !== true
  const charset = call.options['charset']
  const take = (events: FormatEvent[]) => events.forEach((event) => addEvent(report, event, keepTrees))
  const input = { head: Buffer.alloc(0), reader: null as FormatReader | null }
  const start = (): boolean => {
    report.format = detectFormat(input.head)
    if (report.format === null) return false
    input.reader = formats[report.format].reader(typeof charset === 'string' ? { charset } : {})
    take(input.reader.push(input.head))
    return true
  }
  for await (const chunk of await openInput(path)) {
    if (input.reader !== null) take(input.reader.push(chunk))
    else {
      input.head = Buffer.concat([input.head, chunk])
      if (input.head.length >= detectBytes && !start()) break
    }
  }
  if (input.reader === null && input.head.length < detectBytes) start()
  if (input.reader === null) report.findings.push(unknownFormat())
  else take(input.reader.end())
  return report
}

async function openInput(path: string): Promise<AsyncIterable<Buffer>> {
  if (path === '-') return process.stdin as AsyncIterable<Buffer>
  const facts = await stat(path).catch(() => null)
  if (facts === null) throw new UsageError(`cannot open ${path}: there is no such file`)
  if (facts.isDirectory()) throw new UsageError(`cannot read ${path}: it is a folder`)
  return createReadStream(path, { highWaterMark: 256 * 1024 })
}

function addEvent(report: Report, event: FormatEvent, keepTrees: boolean): void {
  switch (event.kind) {
    case 'interchange':
      addInterchange(report, event.interchange)
      return
    case 'message':
      addMessage(report, event.message, keepTrees)
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

function addMessage(report: Report, message: ReadMessage, keepTrees: boolean): void {
  const { wireType, version, guide, reference, number, parts, lines } = message
  const document: DocumentReport = { type: wireType, version, guide, reference, number, parts, lines }
  if (keepTrees) {
    const { segments } = message.tree as { segments?: unknown }
    if (segments === undefined) document.tree = message.tree
    else document.segments = segments
  }
  report.interchanges.at(-1)?.documents.push(document)
  addFindings(report, [
    ...message.findings,
    ...formats[message.format].check(message, { canonical: checkCanonical }),
  ])
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
  for (const finding of report.findings) printFinding(finding, call)
  if (report.findings.length === 0) call.out('No findings.')
}

function printDocument(document: DocumentReport, call: Call): void {
  const { type, version, number, parts, lines } = document
  const size = `${count(parts, 'part')}, ${count(lines, 'line')}`
  call.out(
    `  ${type}${version === '' ? '' : ` ${version}`}${number === null ? '' : ` number ${number}`}: ${size}`,
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

function printFinding(finding: Report['findings'][number], call: Call): void {
  const { position, severity, stableCode, message, code } = finding
  const where = Object.entries(position)
    .filter(([name]) => name !== 'tag')
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
  const tag = position.tag === undefined ? '' : `${position.tag}: `
  call.out(`${severity} ${stableCode} ${tag}${message}${where === '' ? '' : ` (${where})`}`)
  call.out(`      ${codes[code].en.fix}`)
}

function count(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? '' : 's'}`
}
