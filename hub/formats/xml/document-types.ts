import type { WireIdentity } from '#hub/model/format.ts'
import { identityAmong, type PartyNumber } from '#hub/model/identity.ts'
import { attributeOf, childrenOf, elementAt, textAt, textOf, type XmlElement } from './tree.ts'

/** The facts of a document that the hub routes by, as its kind of XML says them. */
export interface DocumentFacts {
  version: string
  guide: string
  number: string | null
  function: string | null
  sender: WireIdentity | null
  receiver: WireIdentity | null
  lines: number
}

/** What is known of one root element: where its parties and lines stand, and what it does to its number. */
interface DocumentType {
  /** Path from the root to the element that holds `cac:Party` (or is one itself). */
  sender: readonly string[]
  receiver: readonly string[]
  line?: string
  function: string
}

/** One row a UBL document, by the local name of its root. */
const ublTypes: Readonly<Record<string, DocumentType>> = {
  Order: {
    sender: ['BuyerCustomerParty'],
    receiver: ['SellerSupplierParty'],
    line: 'OrderLine',
    function: 'original',
  },
  OrderChange: {
    sender: ['BuyerCustomerParty'],
    receiver: ['SellerSupplierParty'],
    line: 'OrderLine',
    function: 'change',
  },
  OrderCancellation: {
    sender: ['BuyerCustomerParty'],
    receiver: ['SellerSupplierParty'],
    function: 'cancel',
  },
  OrderResponse: {
    sender: ['SellerSupplierParty'],
    receiver: ['BuyerCustomerParty'],
    line: 'OrderLine',
    function: 'original',
  },
  OrderResponseSimple: {
    sender: ['SellerSupplierParty'],
    receiver: ['BuyerCustomerParty'],
    function: 'original',
  },
  DespatchAdvice: {
    sender: ['DespatchSupplierParty'],
    receiver: ['DeliveryCustomerParty'],
    line: 'DespatchLine',
    function: 'original',
  },
  ReceiptAdvice: {
    sender: ['DeliveryCustomerParty'],
    receiver: ['DespatchSupplierParty'],
    line: 'ReceiptLine',
    function: 'original',
  },
  Invoice: {
    sender: ['AccountingSupplierParty'],
    receiver: ['AccountingCustomerParty'],
    line: 'InvoiceLine',
    function: 'original',
  },
  CreditNote: {
    sender: ['AccountingSupplierParty'],
    receiver: ['AccountingCustomerParty'],
    line: 'CreditNoteLine',
    function: 'original',
  },
  ApplicationResponse: { sender: ['SenderParty'], receiver: ['ReceiverParty'], function: 'original' },
}

const ublNamespace = /^urn:oasis:names:specification:ubl:schema:xsd:[A-Za-z]+-2$/

/** Reads the facts off a tree. Of a kind that is not known only the root's name is, which the caller has. */
export function factsOf(root: XmlElement): DocumentFacts {
  const type = typeOf(root)
  if (type === null)
    return { version: '', guide: '', number: null, function: null, sender: null, receiver: null, lines: 0 }
  return {
    version: textAt(root, 'UBLVersionID') ?? '2.1',
    guide: textAt(root, 'CustomizationID') ?? '',
    number: textAt(root, 'ID') ?? null,
    function: textAt(root, 'CopyIndicator') === 'true' ? 'copy' : type.function,
    sender: partyAt(root, type.sender),
    receiver: partyAt(root, type.receiver),
    lines: type.line === undefined ? 0 : childrenOf(root, type.line).length,
  }
}

/** Whether the root is a UBL document: its namespace says so. */
export function isUbl(root: XmlElement): boolean {
  return ublNamespace.test(root.namespace)
}

function typeOf(root: XmlElement): DocumentType | null {
  return isUbl(root) && Object.hasOwn(ublTypes, root.name) ? ublTypes[root.name]! : null
}

function partyAt(root: XmlElement, path: readonly string[]): WireIdentity | null {
  const holder = elementAt(root, ...path)
  const party = elementAt(holder, 'Party') ?? holder
  const endpoint = childrenOf(party, 'EndpointID').flatMap(identifierIn)
  const identifications = childrenOf(party, 'PartyIdentification').flatMap((one) =>
    childrenOf(one, 'ID').flatMap(identifierIn),
  )
  return identityAmong([...endpoint, ...identifications])
}

function identifierIn(element: XmlElement): PartyNumber[] {
  const id = textOf(element).trim()
  const schemeId = attributeOf(element, 'schemeID')?.trim()
  return id === '' ? [] : [schemeId ? { id, schemeId } : { id }]
}
