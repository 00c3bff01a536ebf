import type { FormatName, ReadMessage } from '#hub/model/format.ts'
import type {
  CanonicalDocument,
  CanonicalType,
  MappedMessage,
  Mappings,
  WriteContext,
} from '#hub/model/mapping.ts'
import type { Finding } from '#hub/model/findings.ts'
import { HubError } from '#hub/model/errors.ts'
import * as orderEdifact from '#mappings/library/order/edifact-d96a.ts'
import * as orderJson from '#mappings/library/order/json.ts'
import * as orderUbl from '#mappings/library/order/ubl-2.1.ts'

/** A mapping of the library: both ways, pure, with the version that documents keep. */
export interface Mapping {
  version: string
  toCanonical(message: ReadMessage): { canonical: CanonicalDocument; findings: Finding[] }
  fromCanonical(canonical: CanonicalDocument, context: WriteContext): MappedMessage
}

/** One line a mapping. */
const library: Readonly<Record<string, Mapping>> = {
  'order/edifact-d96a': { version: '1', ...orderEdifact },
  'order/ubl-2.1': { version: '1', ...orderUbl },
  'order/json': { version: '1', ...orderJson },
}

/** One line a type on the wire. */
const types: Readonly<Record<FormatName, Readonly<Record<string, CanonicalType>>>> = {
  edifact: { ORDERS: 'order' },
  xml: { Order: 'order' },
  json: { order: 'order' },
}

/** The mappings that come with the hub. */
export const libraryMappings: Mappings = {
  typeOf: (format, wireType) => ownMember(types[format], wireType) ?? null,
  has: (mapping) => Object.hasOwn(library, mapping),
  versionOf: (mapping) => mappingOf(mapping).version,
  toCanonical: (mapping, message) => mappingOf(mapping).toCanonical(message),
  fromCanonical: (mapping, canonical, context) => mappingOf(mapping).fromCanonical(canonical, context),
}

function mappingOf(name: string): Mapping {
  const mapping = ownMember(library, name)
  if (mapping === undefined)
    throw new HubError(
      'mappingMissing',
      `there is no mapping "${name}"; there are ${Object.keys(library).join(', ')}`,
    )
  return mapping
}

function ownMember<Value>(of: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(of, name) ? of[name] : undefined
}
