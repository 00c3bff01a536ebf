import type { ReadMessage } from '#hub/model/format.ts'
import type { CanonicalDocument, CanonicalType, MappedMessage } from '#hub/model/mapping.ts'
import type { Finding } from '#hub/model/findings.ts'
import type { Mapping } from '#mappings/engine/mapping.ts'
import { jsonObject, plainOf, type JsonValue } from '#hub/formats/json/index.ts'

/**
 * The JSON of a type is the canonical document: only numbers become decimal strings, and members that are null are absent.
 * What is wrong with it, the check of the canonical document says.
 */
export function canonicalJson(type: CanonicalType): Mapping {
  return {
    format: 'json',
    version: '1',
    toCanonical,
    fromCanonical: (canonical) => fromCanonical(canonical, type),
  }
}

function toCanonical(message: ReadMessage): { canonical: CanonicalDocument; findings: Finding[] } {
  return { canonical: plainOf(message.tree as JsonValue) as CanonicalDocument, findings: [] }
}

function fromCanonical(canonical: CanonicalDocument, wireType: CanonicalType): MappedMessage {
  const tree = jsonTree(canonical as unknown as JsonValue)
  return { format: 'json', wireType, version: '1', guide: '', tree, findings: [] }
}

/** The same values in objects of JSON's own kind, `type` first. */
function jsonTree(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(jsonTree)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return jsonObject(members.map(([name, member]) => [name, jsonTree(member as JsonValue)] as const))
}
