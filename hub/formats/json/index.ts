import type { CheckOptions, Format, ReadMessage } from '#hub/model/format.ts'
import type { Finding } from '#hub/model/findings.ts'
import { canonicalTypes } from '#hub/model/mapping.ts'
import { bundleJson, takeFromBundle } from './bundle.ts'
import { isIntactJson } from './intact.ts'
import { JsonReader } from './read.ts'
import { plainOf, type JsonValue } from './tree.ts'
import { writeJson } from './write.ts'

export { JsonNumber, jsonObject, plainOf, type JsonValue } from './tree.ts'

/**
 * JSON (RFC 8259) in UTF-8: one canonical document a file, or an array of them. Numbers keep every digit; equal
 * members, depth and size are refused. The tree is `JsonValue`. JSON has no syntax acknowledgement.
 */
export const jsonFormat: Format = {
  name: 'json',
  bearsReferences: false,
  detect: looksLikeJson,
  reader: (options) => new JsonReader(options),
  check: checkJson,
  write: writeJson,
  isIntact: isIntactJson,
  renumber: takeFromBundle,
  bundle: bundleJson,
  acknowledge: () => null,
  readAcknowledgement: () => null,
}

/** A bracket after blanks; zero bytes are those of UTF-16, which is refused later by its name. */
function looksLikeJson(head: Buffer): boolean {
  const start = head.subarray(0, 256).toString('latin1')
  return /^(\xEF\xBB\xBF|\xFE\xFF|\xFF\xFE)?[\0\s]*[{[]/.test(start)
}

/** A document of a canonical type is checked against it, where that check was handed in; of another nothing is known. */
function checkJson(message: ReadMessage, { canonical }: CheckOptions = {}): Finding[] {
  const known: readonly string[] = canonicalTypes
  if (canonical === undefined || !known.includes(message.wireType)) return []
  return canonical(plainOf(message.tree as JsonValue))
}
