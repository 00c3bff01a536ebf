import { readFileSync } from 'node:fs'
import type { FormatEvent, ReadInterchange, ReadMessage, ReadOptions, ReadTrailer } from '#hub/model/format.ts'
import type { Finding } from '#hub/model/findings.ts'
import { edifactFormat, type EdifactMessage, type EdifactSegment } from '../index.ts'

/** What a reader made of a file, sorted, for tests. */
export interface Reading {
  events: FormatEvent[]
  interchanges: ReadInterchange[]
  messages: ReadMessage[]
  trailers: ReadTrailer[]
  /** All of all levels. */
  findings: Finding[]
  /** Slugs of the findings that are errors. */
  errors: string[]
}

export function sample(name: string): Buffer {
  return readFileSync(new URL(name, import.meta.url))
}

/** Reads bytes (text is taken as ISO 8859-1), in chunks of the given size if one is given. */
export function read(content: Buffer | string, options: ReadOptions & { chunk?: number } = {}): Reading {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content
  const { chunk = Math.max(bytes.length, 1), ...readOptions } = options
  const reader = edifactFormat.reader(readOptions)
  const events: FormatEvent[] = []
  for (let at = 0; at < bytes.length; at += chunk) events.push(...reader.push(bytes.subarray(at, at + chunk)))
  events.push(...reader.end())
  const findings = events.flatMap(findingsOf)
  return {
    events,
    interchanges: events.flatMap((event) => (event.kind === 'interchange' ? [event.interchange] : [])),
    messages: events.flatMap((event) => (event.kind === 'message' ? [event.message] : [])),
    trailers: events.flatMap((event) => (event.kind === 'trailer' ? [event.trailer] : [])),
    findings,
    errors: findings.filter((one) => one.severity === 'error').map((one) => one.code),
  }
}

/** An interchange of one message with this content, in syntax UNOC 3. */
export function enveloped(content: string, type = 'ORDERS:D:96A:UN'): string {
  const segments = content.split("'").length + 1
  return `UNB+UNOC:3+S+R+260114:0915+1'UNH+1+${type}'${content}UNT+${segments}+1'UNZ+1+1'`
}

export function segmentsOf(message: ReadMessage | undefined): EdifactSegment[] {
  return message ? (message.tree as EdifactMessage).segments : []
}

/** Whether a file was taken whole and without an error. */
export function isAccepted(reading: Reading): boolean {
  return reading.trailers.length > 0 && reading.trailers.every((one) => one.closed) && reading.errors.length === 0
}

function findingsOf(event: FormatEvent): Finding[] {
  switch (event.kind) {
    case 'interchange':
      return event.interchange.findings
    case 'message':
      return event.message.findings
    case 'trailer':
      return event.trailer.findings
    case 'fault':
      return event.findings
  }
}
