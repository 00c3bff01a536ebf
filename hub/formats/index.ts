import type { Format, FormatName } from '#hub/model/format.ts'
import { edifactFormat } from './edifact/index.ts'
import { jsonFormat } from './json/index.ts'
import { opaqueFormat } from './opaque/index.ts'
import { xmlFormat } from './xml/index.ts'

/** Every format the hub reads and writes: one line a kind. */
export const formats: Readonly<Record<FormatName, Format>> = {
  edifact: edifactFormat,
  xml: xmlFormat,
  json: jsonFormat,
  opaque: opaqueFormat,
}

/** The format of a file, told from its first bytes (up to 4 KiB); null if it is none of ours. */
export function detectFormat(head: Buffer): FormatName | null {
  const found = Object.values(formats).find((format) => format.detect(head))
  return found?.name ?? null
}
