import type { ReadFormat, ReadMessage } from '#hub/model/format.ts'
import type { CanonicalDocument, MappedMessage, Place, WriteContext } from '#hub/model/mapping.ts'
import type { Finding } from '#hub/model/findings.ts'

/** A mapping of the library: both ways, pure. Documents keep the version; change it with what the mapping does. */
export interface Mapping {
  format: ReadFormat
  version: string
  toCanonical(message: ReadMessage): { canonical: CanonicalDocument; findings: Finding[] }
  fromCanonical(canonical: CanonicalDocument, context: WriteContext): MappedMessage
  /** Members by their path with `[]` for any index, where the format names them otherwise than by a path. */
  places?: Readonly<Record<string, Place>>
}
