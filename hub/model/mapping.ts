import type { Finding } from './findings.ts'
import type { Environment } from './states.ts'
import type { FormatName, ReadFormat, ReadMessage, WireIdentity, WriteTerms } from './format.ts'

/**
 * The mappings of `mappings/`, as the pipeline sees them. A mapping is named `<type>/<format>-<version>`, e.g.
 * `order/edifact-d96a`, `order/ubl-2.1`, `order/json`; each goes both ways. Mappings of one's own go one way, and have
 * versions: `order/north-market` is the one in use, `order/north-market@3` the third. No database, no clock.
 */
export interface Mappings {
  /**
   * The canonical type of a wire type: (`edifact`, `ORDERS`) is `order`; null where none is known. INVOIC is an invoice or a
   * credit note, as its document code says.
   */
  typeOf(format: FormatName, wireType: string, documentCode?: string): CanonicalType | null
  has(mapping: string): boolean
  /** All there are. */
  names(): readonly string[]
  /** The format that it reads and writes. Throws HubError `mappingMissing`. */
  formatOf(mapping: string): ReadFormat
  /** The version in use, kept in `document.versions`. */
  versionOf(mapping: string): string
  /** Throws HubError `mappingMissing`; a fault in the mapping itself is any other error. */
  toCanonical(mapping: string, message: ReadMessage): Soon<ReadDocument>
  fromCanonical(mapping: string, canonical: CanonicalDocument, context: WriteContext): Soon<MappedMessage>
  /**
   * What a member of the canonical document is to those who write in the mapping's format, by its path as findings have it
   * (`orderLine[0].lineItem.quantity`); null where the path itself says it best.
   */
  placeOf(mapping: string, path: string): Place | null
  /** Why a profile cannot use this mapping (it goes the other way, it is not live yet), in words; null where it can. */
  refusal?(mapping: string, use: MappingUse): string | null
  /** The condition of an agreement (`terms.when`), in the language of mapping rules, asked of the canonical document. */
  condition(type: CanonicalType, written: object): RouteCondition
  /** What is wrong with such a condition, each with its place in it; empty where nothing is. */
  conditionProblems?(type: CanonicalType, written: unknown): ConditionProblem[]
}

/** What configuration asks about mappings while it is read. */
export type KnownMappings = Pick<Mappings, 'has' | 'formatOf' | 'names' | 'refusal' | 'conditionProblems'>

export interface ConditionProblem {
  path: readonly PropertyKey[]
  message: string
}

/** Whether a canonical document is one that an agreement is for. */
export interface RouteCondition {
  holds(canonical: object): boolean
  /** Why it does not hold, in words: the place, what stands there (cut), what was asked for. */
  says(canonical: object): string
}

/** At once, or later where a sandbox is needed. */
export type Soon<Value> = Value | Promise<Value>

export interface ReadDocument {
  canonical: CanonicalDocument
  findings: Finding[]
}

export interface MappingUse {
  direction: 'sends' | 'receives'
  env: Environment
}

/**
 * The name with the version that `document.versions` holds (`3; units 2` begins with the mapping's own). A mapping of the
 * library is taken under such a name too, in the version that came with the hub.
 */
export function pinnedMapping(name: string, version: string): string {
  return `${name}@${version.split(';')[0]}`
}

/** The name without the version that may be pinned to it: `order/north-market@3` is a version of `order/north-market`. */
export function mappingName(mapping: string): string {
  const at = mapping.indexOf('@')
  return at < 0 ? mapping : mapping.slice(0, at)
}

/** A member in the words of a format: `what` it is ("The order's date") and what to `write` there ("DTM+137"). */
export interface Place {
  what: string
  write: string
}

export interface WriteContext {
  /** Our and the receiver's identities that go on the wire. */
  sender: WireIdentity | null
  receiver: WireIdentity | null
  /** Settings of the receiver's profile for this mapping (`profile.terms.mappingSettings`). */
  settings: Readonly<Record<string, unknown>>
  /** How the receiver wants it written: a mapping of free text into EDIFACT minds its charset. */
  write?: WriteTerms
}

export interface MappedMessage {
  format: FormatName
  wireType: string
  version: string
  guide: string
  tree: unknown
  findings: Finding[]
}

export const canonicalTypes = [
  'order',
  'orderChange',
  'orderResponse',
  'despatchAdvice',
  'receiptAdvice',
  'invoice',
  'creditNote',
  'inventoryReport',
  'salesReport',
  'catalogue',
  'partyInformation',
  'remittanceAdvice',
  'schedule',
  'acknowledgement',
] as const
export type CanonicalType = (typeof canonicalTypes)[number]

/** The members that say who sends a document of a type to whom; the first that is there counts. */
export const canonicalParties: Readonly<
  Record<CanonicalType, { sender: readonly string[]; receiver: readonly string[] }>
> = {
  order: { sender: ['buyerCustomerParty'], receiver: ['sellerSupplierParty'] },
  orderChange: { sender: ['buyerCustomerParty'], receiver: ['sellerSupplierParty'] },
  orderResponse: { sender: ['sellerSupplierParty'], receiver: ['buyerCustomerParty'] },
  despatchAdvice: {
    sender: ['despatchSupplierParty', 'sellerSupplierParty'],
    receiver: ['buyerCustomerParty', 'deliveryCustomerParty'],
  },
  receiptAdvice: {
    sender: ['deliveryCustomerParty', 'buyerCustomerParty'],
    receiver: ['sellerSupplierParty', 'despatchSupplierParty'],
  },
  invoice: { sender: ['accountingSupplierParty'], receiver: ['accountingCustomerParty'] },
  creditNote: { sender: ['accountingSupplierParty'], receiver: ['accountingCustomerParty'] },
  inventoryReport: {
    sender: ['inventoryReportingParty', 'retailerCustomerParty', 'buyerCustomerParty', 'warehouseParty'],
    receiver: ['sellerSupplierParty'],
  },
  salesReport: {
    sender: ['senderParty', 'buyerCustomerParty'],
    receiver: ['receiverParty', 'sellerSupplierParty'],
  },
  catalogue: {
    sender: ['providerParty', 'sellerSupplierParty'],
    receiver: ['receiverParty', 'buyerCustomerParty'],
  },
  partyInformation: { sender: ['senderParty'], receiver: ['receiverParty'] },
  remittanceAdvice: {
    sender: ['payerParty', 'accountingCustomerParty'],
    receiver: ['payeeParty', 'accountingSupplierParty'],
  },
  schedule: { sender: ['buyerCustomerParty', 'deliveryCustomerParty'], receiver: ['sellerSupplierParty'] },
  acknowledgement: { sender: [], receiver: [] },
}

/** A business document in the canonical model (`hub/canonical`); `type` tells which. */
export interface CanonicalDocument {
  readonly type: CanonicalType
  readonly [member: string]: unknown
}
