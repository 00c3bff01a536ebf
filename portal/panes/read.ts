import { limits } from '#hub/base/limits.ts'
import { widestTrafficLimits } from '#hub/base/traffic-limits.ts'
import { charsetOfLevel } from '#hub/formats/edifact/charset.ts'
import { HubError } from '#hub/model/errors.ts'
import type { Format, FormatName, ReadInterchange, ReadMessage } from '#hub/model/format.ts'
import type { PayloadId } from '#hub/model/ids.ts'
import type { Sealer } from '#hub/model/sealing.ts'
import type { Queryable } from '#hub/store/connect.ts'
import { payloadFacts, readPayload, readPayloadChunks } from '#hub/store/payload.ts'

export type Formats = Readonly<Record<FormatName, Format>>

/** Bytes for a page: the whole where it is small, else the range asked for. */
export interface PaneBytes {
  /** The file from its beginning, or, of a large one, only the slice. */
  bytes: Buffer
  sizeBytes: number
  whole: boolean
}

/** Kept bytes, or null where the viewer may not see them or they are damaged beyond showing. */
export async function paneBytes(
  client: Queryable,
  sealer: Sealer,
  id: PayloadId,
  slice: { offset: number; length: number } | null = null,
): Promise<PaneBytes | 'damaged' | null> {
  const facts = await payloadFacts(client, id)
  if (facts === null) return null
  try {
    if (facts.sizeBytes <= limits.paneReadBytes) {
      return { bytes: await readPayload(client, sealer, id), sizeBytes: facts.sizeBytes, whole: true }
    }
    const from = slice?.offset ?? 0
    const length = Math.min(slice?.length ?? limits.paneCharacters, limits.paneReadBytes)
    return {
      bytes: await rangeOf(readPayloadChunks(client, sealer, id), from, length),
      sizeBytes: facts.sizeBytes,
      whole: false,
    }
  } catch (error) {
    if (error instanceof HubError && error.code === 'payloadDamaged') return 'damaged'
    throw error
  }
}

async function rangeOf(chunks: AsyncIterable<Buffer>, from: number, length: number): Promise<Buffer> {
  const kept: Buffer[] = []
  let at = 0
  for await (const chunk of chunks) {
    const start = Math.max(from - at, 0)
    const end = Math.min(from + length - at, chunk.length)
    if (start < end) kept.push(chunk.subarray(start, end))
    at += chunk.length
    if (at >= from + length) break
  }
  return Buffer.concat(kept)
}

/** What a reader makes of a whole file, and in which format; null where none can read it. */
export interface ReadFile {
  format: FormatName
  messages: { message: ReadMessage; interchange: ReadInterchange | null }[]
}

export function readFile(bytes: Buffer, formats: Formats): ReadFile | null {
  const head = bytes.subarray(0, 4096)
  const format = Object.values(formats).find((one) => one.detect(withoutMark(head)))
  if (format === undefined) return null
  const reader = format.reader({ limits: widestTrafficLimits })
  const messages: ReadFile['messages'] = []
  let interchange: ReadInterchange | null = null
  for (const event of [...reader.push(bytes), ...reader.end()]) {
    if (event.kind === 'interchange') interchange = event.interchange
    if (event.kind === 'message') messages.push({ message: event.message, interchange })
  }
  return { format: format.name, messages }
}

/** Bytes as text: EDIFACT by its syntax identifier, XML by its declaration, else UTF-8 where it is, else ISO 8859-1. */
export function textOf(bytes: Buffer, head: Buffer = bytes): string {
  const start = head.subarray(0, 512).toString('latin1')
  const level = /UN[BG].(UNO[A-Z])/.exec(start)?.[1]
  const charset = level === undefined ? null : charsetOfLevel(level)
  if (charset !== null && charset.name !== 'us-ascii') return charset.decode(bytes.toString('latin1'))
  const declared =
    /^\s*(?:\u00ef\u00bb\u00bf)?<\?xml[^>]*encoding=["']([\w.-]+)["']/.exec(start)?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(declared, { fatal: true }).decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}

function withoutMark(head: Buffer): Buffer {
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? head.subarray(3) : head
}
