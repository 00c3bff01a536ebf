import type { FormatName, ReadMessage } from '#hub/model/format.ts'
import type {
  CanonicalDocument,
  CanonicalType,
  MappedMessage,
  Mappings,
  Place,
  ReadDocument,
  WriteContext,
} from '#hub/model/mapping.ts'
import { HubError } from '#hub/model/errors.ts'
import { canonicalTypes } from '#hub/model/mapping.ts'
import { orderEdifactD96a } from '#mappings/library/order/edifact-d96a.ts'
import { canonicalJson } from '#mappings/library/json.ts'
import { orderUbl21 } from '#mappings/library/order/ubl-2.1.ts'
import { routeCondition } from '#mappings/rules/route-condition.ts'
import { edifactByRules } from './edifact-ruled.ts'
import type { Mapping } from './mapping.ts'

/** Files of rules, by the type that they map; each is one mapping for every directory. */
const edifactFiles: Readonly<Partial<Record<CanonicalType, string>>> = {
  orderResponse: 'order-response',
  orderChange: 'order-change',
  despatchAdvice: 'despatch-advice',
  receiptAdvice: 'receipt-advice',
  invoice: 'invoice',
  creditNote: 'invoice',
  inventoryReport: 'inventory-report',
  salesReport: 'sales-report',
  catalogue: 'catalogue',
  partyInformation: 'party-information',
  remittanceAdvice: 'remittance-advice',
  schedule: 'schedule',
  acknowledgement: 'acknowledgement',
}

/** Directories that the library writes, as its mappings are called. */
const edifactDirectories = { 'edifact-d96a': 'D.96A', 'edifact-d01b': 'D.01B' } as const

const library: Readonly<Record<string, Mapping>> = {
  'order/edifact-d96a': orderEdifactD96a,
  'order/ubl-2.1': orderUbl21,
  ...edifactMappings(),
  ...Object.fromEntries(canonicalTypes.map((type) => [`${type}/json`, canonicalJson(type)])),
}

function edifactMappings(): Record<string, Mapping> {
  const made: Record<string, Mapping> = {}
  for (const [type, folder] of Object.entries(edifactFiles) as [CanonicalType, string][])
    for (const [name, directory] of Object.entries(edifactDirectories)) {
      const file = new URL(`../library/${folder}/edifact.yaml`, import.meta.url)
      made[`${type}/${name}`] = edifactByRules({ type, file, directory })
    }
  return made
}

/** One line a type on the wire. */
const types: Readonly<Record<FormatName, Readonly<Record<string, CanonicalType>>>> = {
  edifact: {
    ORDERS: 'order',
    ORDRSP: 'orderResponse',
    ORDCHG: 'orderChange',
    DESADV: 'despatchAdvice',
    RECADV: 'receiptAdvice',
    INVOIC: 'invoice',
    INVRPT: 'inventoryReport',
    SLSRPT: 'salesReport',
    PRICAT: 'catalogue',
    PARTIN: 'partyInformation',
    REMADV: 'remittanceAdvice',
    DELFOR: 'schedule',
    APERAK: 'acknowledgement',
  },
  xml: { Order: 'order' },
  json: Object.fromEntries(canonicalTypes.map((type) => [type, type])),
  opaque: {},
}

/** UNTDID 1001: the documents among invoices that credit. */
const creditNotes: ReadonlySet<string> = new Set([
  '81',
  '83',
  '261',
  '262',
  '296',
  '308',
  '381',
  '396',
  '420',
  '458',
  '532',
])

/** Those of the library never need a sandbox. */
export interface LibraryMappings extends Mappings {
  toCanonical(mapping: string, message: ReadMessage): ReadDocument
  fromCanonical(mapping: string, canonical: CanonicalDocument, context: WriteContext): MappedMessage
}

/** The mappings that come with the hub. */
export const libraryMappings: LibraryMappings = {
  typeOf: (format, wireType, documentCode) => {
    const type = ownMember(types[format], wireType) ?? null
    return type === 'invoice' && creditNotes.has(documentCode ?? '') ? 'creditNote' : type
  },
  has: (mapping) => Object.hasOwn(library, mapping),
  names: () => Object.keys(library),
  formatOf: (mapping) => mappingOf(mapping).format,
  versionOf: (mapping) => mappingOf(mapping).version,
  toCanonical: (mapping, message) => mappingOf(mapping).toCanonical(message),
  fromCanonical: (mapping, canonical, context) => mappingOf(mapping).fromCanonical(canonical, context),
  placeOf: (mapping, path) => placeIn(mappingOf(mapping).places ?? {}, path),
  condition: routeCondition,
}

/** In a list of lines the number of the line goes before what it is. */
function placeIn(places: Readonly<Record<string, Place>>, path: string): Place | null {
  const place = ownMember(places, path.replace(/\[\d+\]/g, '[]'))
  if (place === undefined) return null
  const index = /\[(\d+)\]/.exec(path)?.[1]
  return index === undefined ? place : { ...place, what: `Line ${Number(index) + 1}: ${place.what}` }
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
