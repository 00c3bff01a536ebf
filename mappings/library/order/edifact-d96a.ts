import type { ReadMessage } from '#hub/model/format.ts'
import type { CanonicalDocument, MappedMessage, Place, WriteContext } from '#hub/model/mapping.ts'
import type { Finding } from '#hub/model/findings.ts'
import { compareDecimals, sumDecimals, type DocumentReference, type Order } from '#hub/canonical/index.ts'
import {
  groupMessage,
  valueOf,
  type EdifactMessage,
  type GroupedMessage,
} from '#hub/formats/edifact/index.ts'
import { compact, compactList } from '#mappings/engine/compact.ts'
import type { Mapping } from '#mappings/engine/mapping.ts'
import { notCarried } from '#mappings/engine/carried.ts'
import { charactersOf } from '#mappings/library/parts/edifact-characters.ts'
import { deliveryPlaceFrom, partyRoleFrom } from '#mappings/library/parts/edifact-parties.ts'
import { allowanceChargesFrom } from '#mappings/library/parts/edifact-allowances.ts'
import { EdifactReading, triggered } from '#mappings/library/parts/edifact-reading.ts'
import { orderSegments } from './edifact-d96a-writing.ts'
import { orderLineFrom } from './edifact-d96a-lines.ts'

/*
 * ORDERS D.96A <-> canonical order. Groups are found by their trigger segment and not by their number, so that later
 * directories, which number them otherwise, are read too.
 *
 * No place in D.96A: extensions, accounting cost, validity period, a second delivery, tax subtotals, party numbers
 * beyond one, address parts beyond street, two lines, city, region, postcode and country; item properties. Free text is
 * written in the characters of the receiver's charset: `settings.charset`, else that of its write terms, else `UNOC`.
 */

/** What an order must have, in segments. */
const places: Readonly<Record<string, Place>> = {
  id: { what: "The order's number", write: 'BGM element 2 (BGM+220+number+9)' },
  issueDate: { what: "The order's date", write: 'DTM+137' },
  function: { what: "The order's function", write: 'BGM element 3' },
  documentCurrencyCode: { what: "The order's currency", write: 'CUX+2' },
  buyerCustomerParty: { what: 'The buyer', write: 'NAD+BY' },
  'buyerCustomerParty.party': { what: 'The buyer', write: 'NAD+BY with its number or name' },
  sellerSupplierParty: { what: 'The seller', write: 'NAD+SU' },
  'sellerSupplierParty.party': { what: 'The seller', write: 'NAD+SU with its number or name' },
  orderLine: { what: "The order's first line", write: 'LIN' },
  'orderLine[].lineItem': { what: 'its content', write: 'LIN with its number, QTY+21' },
  'orderLine[].lineItem.id': { what: 'its number', write: 'LIN element 1' },
  'orderLine[].lineItem.quantity': { what: 'its quantity', write: 'QTY+21' },
  'orderLine[].lineItem.item': { what: 'its item', write: 'an item number in LIN element 3 or PIA, or IMD' },
}

export const orderEdifactD96a: Mapping = {
  format: 'edifact',
  version: '1',
  toCanonical,
  fromCanonical,
  places,
}

function toCanonical(message: ReadMessage): { canonical: CanonicalDocument; findings: Finding[] } {
  const { segments } = message.tree as EdifactMessage
  const grouped = grouped96a(message)
  const edi = new EdifactReading()
  const canonical = orderFrom(edi, grouped)
  return { canonical, findings: [...edi.findings, ...edi.leftovers(segments, 1)] }
}

function fromCanonical(canonical: CanonicalDocument, context: WriteContext): MappedMessage {
  const order = canonical as Order
  const tree: EdifactMessage = {
    segments: orderSegments(order, charactersOf(charsetOf(context))),
  }
  const readBack = orderFrom(new EdifactReading({ remember: false }), groupMessage(tree, 'ORDERS', 'D.96A'))
  const findings = notCarried(order, readBack, 'ORDERS D.96A')
  return {
    format: 'edifact',
    wireType: 'ORDERS',
    version: 'D.96A',
    guide: setting(context, 'guide') ?? '',
    tree,
    findings,
  }
}

/** By the message's own directory; by D.96A where there is none, since the segments of an order hardly changed. */
function grouped96a(message: ReadMessage): GroupedMessage {
  const tree = message.tree as EdifactMessage
  const grouped = groupMessage(tree, message.wireType, message.version)
  return grouped.known ? grouped : groupMessage(tree, 'ORDERS', 'D.96A')
}

function orderFrom(edi: EdifactReading, message: GroupedMessage): CanonicalDocument {
  const bgm = edi.one(message, 'BGM')
  const issued = edi.moment(message, '137')
  const currency = currencyOf(edi, message)
  const references = referencesOf(edi, message)
  const lines = triggered(message, 'LIN')
  const order = compact<Order>({
    type: 'order',
    version: '1',
    id: edi.text(bgm, 2),
    issueDate: issued?.date,
    issueTime: issued?.time,
    orderTypeCode: edi.text(bgm, 1),
    function: functionOf(edi, message),
    note: notesOf(edi, message),
    documentCurrencyCode: currency,
    customerReference: references.get('CR')?.[0]?.id,
    accountingCost: undefined,
    validityPeriod: undefined,
    quotationDocumentReference: references.get('AAG')?.[0],
    orderDocumentReference: references.get('ON')?.[0],
    originatorDocumentReference: references.get('UC')?.[0],
    contract: references.get('CT'),
    additionalDocumentReference: references.get(''),
    buyerCustomerParty: partyRoleFrom(edi, triggered(message, 'NAD', 'BY')[0]),
    sellerSupplierParty: partyRoleFrom(edi, triggered(message, 'NAD', 'SU', 'SE')[0]),
    originatorCustomerParty: partyRoleFrom(edi, triggered(message, 'NAD', 'UC')[0]),
    accountingCustomerParty: partyRoleFrom(edi, triggered(message, 'NAD', 'IV')[0]),
    delivery: compactList([
      compact({
        ...deliveryPlaceFrom(edi, triggered(message, 'NAD', 'DP', 'ST')[0]),
        requestedDeliveryPeriod: edi.deliveryPeriod(message),
      }),
    ]) as Order['delivery'],
    deliveryTerms: deliveryTermsOf(edi, message),
    paymentTerms: edi.all(message, 'FTX', 'AAB').flatMap((ftx) => {
      const note = edi.lines(ftx, 4, 1, 5)
      return note === undefined ? [] : [{ note }]
    }),
    allowanceCharge: allowanceChargesFrom(edi, message, currency),
    taxTotal: compactList([
      compact({ taxAmount: edi.amount(message, ['124'], currency) }),
    ]) as Order['taxTotal'],
    anticipatedMonetaryTotal: compact<NonNullable<Order['anticipatedMonetaryTotal']>>({
      lineExtensionAmount: edi.amount(message, ['79'], currency),
      taxExclusiveAmount: edi.amount(message, ['125'], currency),
      taxInclusiveAmount: edi.amount(message, ['128'], currency),
      allowanceTotalAmount: edi.amount(message, ['260'], currency),
      chargeTotalAmount: edi.amount(message, ['259'], currency),
      payableAmount: edi.amount(message, ['86', '9'], currency),
    }),
    orderLine: lines.map((line) => orderLineFrom(edi, line, currency)),
    extensions: undefined,
  })
  checkTotals(edi, message, order ?? {})
  return order as CanonicalDocument
}

/** UN/EDIFACT 1225; without one the order is an original. */
const functions: Readonly<Record<string, Order['function']>> = {
  '': 'original',
  '1': 'cancel',
  '4': 'change',
  '5': 'replace',
  '7': 'copy',
  '9': 'original',
  '31': 'copy',
}

function functionOf(edi: EdifactReading, message: GroupedMessage): Order['function'] | undefined {
  const bgm = message.first('BGM')
  const code = valueOf(bgm, 3)
  if (Object.hasOwn(functions, code)) return functions[code]
  return bgm && edi.wrong(bgm, code, 'a message function (1225) that is known: 1, 4, 5, 7, 9, 31')
}

function currencyOf(edi: EdifactReading, message: GroupedMessage): string | undefined {
  const group = triggered(message, 'CUX', '2')[0] ?? triggered(message, 'CUX')[0]
  return edi.text(edi.one(group, 'CUX'), 1, 2)
}

/** References by 1153; those that the order has no member for stand under the empty name, with their qualifier. */
function referencesOf(edi: EdifactReading, message: GroupedMessage): Map<string, DocumentReference[]> {
  const known = new Set(['CR', 'AAG', 'ON', 'UC', 'CT'])
  const single = new Set(['CR', 'AAG', 'ON', 'UC'])
  const found = new Map<string, DocumentReference[]>()
  for (const group of triggered(message, 'RFF')) {
    const rff = edi.one(group, 'RFF')
    const [qualifier, id] = [edi.text(rff, 1, 1) ?? '', edi.text(rff, 1, 2)]
    if (id === undefined) continue
    const named = known.has(qualifier) && !(single.has(qualifier) && found.has(qualifier))
    const reference = compact<DocumentReference>({
      id,
      issueDate: edi.moment(group, '171')?.date,
      documentTypeCode: named ? undefined : qualifier,
      documentType: undefined,
    })!
    const key = named ? qualifier : ''
    found.set(key, [...(found.get(key) ?? []), reference])
  }
  return found
}

function notesOf(edi: EdifactReading, message: GroupedMessage): string[] | undefined {
  const free = message.all('FTX').filter((ftx) => valueOf(ftx, 1) !== 'AAB')
  return compactList(
    free.map((ftx) => {
      edi.all(message, 'FTX', valueOf(ftx, 1))
      return edi.lines(ftx, 4, 1, 5)
    }),
  )
}

function deliveryTermsOf(edi: EdifactReading, message: GroupedMessage): Order['deliveryTerms'] {
  const tod = edi.one(triggered(message, 'TOD')[0], 'TOD')
  return compact<NonNullable<Order['deliveryTerms']>>({
    id: edi.text(tod, 3, 1),
    specialTerms: edi.lines(tod, 3, 4, 5),
  })
}

/**
 * CNT 2 is the number of lines, CNT 1 the sum of the quantities: they say nothing new, but must agree. A line that is
 * missing is an error; what goes into the sum differs among senders, so there it is a warning.
 */
function checkTotals(edi: EdifactReading, message: GroupedMessage, order: Partial<Order>): void {
  edi.ignore(message, 'UNS')
  const lines = order.orderLine ?? []
  const stated = edi.one(message, 'CNT', '2')
  const count = edi.decimal(stated, 1, 2)
  if (count !== undefined && compareDecimals(count, String(lines.length)) !== 0)
    edi.wrong(stated!, count, `the number of lines, ${lines.length}`)
  const control = edi.one(message, 'CNT', '1')
  const total = edi.decimal(control, 1, 2)
  const quantities = lines.flatMap(({ lineItem }) => lineItem?.quantity?.value ?? [])
  if (total !== undefined && compareDecimals(total, sumDecimals(quantities)) !== 0)
    edi.warn(control!, `the sum of the quantities is ${sumDecimals(quantities)}`)
}

/** The syntax identifier whose characters the receiver reads: its write terms say it, or the mapping's settings. */
function charsetOf(context: WriteContext): string {
  return setting(context, 'charset') ?? context.write?.syntax?.split(':')[0] ?? 'UNOC'
}

function setting(context: WriteContext, name: string): string | undefined {
  const value = context.settings[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}
