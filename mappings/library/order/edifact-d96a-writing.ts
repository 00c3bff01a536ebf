import type { DocumentReference, Item, LineItem, Order, OrderLine } from '#hub/canonical/index.ts'
import type { EdifactSegment } from '#hub/formats/edifact/index.ts'
import { addAllowanceCharge } from '#mappings/library/parts/edifact-allowances.ts'
import type { CharacterSet } from '#mappings/library/parts/edifact-characters.ts'
import { addDeliveryPlace, addParty } from '#mappings/library/parts/edifact-parties.ts'
import { EdifactWriting, number, strict } from '#mappings/library/parts/edifact-writing.ts'

/**
 * A canonical order as the content of ORDERS D.96A, in the order of its segment table. Throws HubError `notWritable`
 * for a number, an identifier or a code that is longer than its element: cut, it would name something else.
 */
export function orderSegments(order: Order, characters: CharacterSet): EdifactSegment[] {
  const edi = new EdifactWriting(characters)
  addHeader(edi, order)
  addReferences(edi, order)
  addParties(edi, order)
  if (order.documentCurrencyCode !== undefined) edi.add('CUX', ['2', order.documentCurrencyCode, '9'])
  addDeliveryTerms(edi, order)
  for (const one of order.allowanceCharge ?? []) addAllowanceCharge(edi, one, order.documentCurrencyCode)
  for (const [index, line] of order.orderLine.entries()) addLine(edi, line, { order, index })
  edi.add('UNS', 'S')
  addTotals(edi, order)
  edi.add('CNT', ['2', String(order.orderLine.length)])
  return edi.segments
}

/** UN/EDIFACT 1225. */
const functionCodes: Readonly<Record<Order['function'], string>> = {
  original: '9',
  change: '4',
  replace: '5',
  cancel: '1',
  copy: '31',
}

function addHeader(edi: EdifactWriting, order: Order): void {
  edi.add(
    'BGM',
    strict(order.orderTypeCode ?? '220', 3, 'order type'),
    strict(order.id, 35, 'order number'),
    functionCodes[order.function],
  )
  edi.moment('137', order.issueDate, order.issueTime)
  const delivery = order.delivery?.[0]
  edi.deliveryPeriod(delivery?.requestedDeliveryPeriod, delivery?.latestDeliveryDate)
  for (const note of order.note ?? []) addText(edi, 'AAI', note)
  for (const { note } of order.paymentTerms ?? []) if (note !== undefined) addText(edi, 'AAB', note)
}

function addReferences(edi: EdifactWriting, order: Order): void {
  if (order.customerReference !== undefined) addReference(edi, 'CR', { id: order.customerReference })
  addReference(edi, 'AAG', order.quotationDocumentReference)
  addReference(edi, 'ON', order.orderDocumentReference)
  addReference(edi, 'UC', order.originatorDocumentReference)
  for (const contract of order.contract ?? []) addReference(edi, 'CT', contract)
  for (const other of order.additionalDocumentReference ?? []) addReference(edi, qualifierOf(other), other)
}

function addParties(edi: EdifactWriting, order: Order): void {
  addParty(edi, 'BY', order.buyerCustomerParty)
  addParty(edi, 'SU', order.sellerSupplierParty)
  addDeliveryPlace(edi, 'DP', order.delivery?.[0])
  addParty(edi, 'IV', order.accountingCustomerParty)
  addParty(edi, 'UC', order.originatorCustomerParty)
}

function addDeliveryTerms(edi: EdifactWriting, { deliveryTerms }: Order): void {
  if (deliveryTerms === undefined) return
  const special = edi.lines(deliveryTerms.specialTerms, 70, 2)
  edi.add('TOD', '3', null, [strict(deliveryTerms.id, 3, 'delivery terms'), null, null, ...special])
}

function addLine(edi: EdifactWriting, line: OrderLine, at: { order: Order; index: number }): void {
  const { lineItem } = line
  const currency = at.order.documentCurrencyCode
  const ordinal = /^\d{1,6}$/.test(lineItem.id) ? lineItem.id : String(at.index + 1)
  edi.add('LIN', ordinal, null, standardNumber(lineItem.item))
  addItemNumbers(edi, lineItem.item)
  addDescriptions(edi, lineItem.item)
  edi.quantity('21', lineItem.quantity)
  const delivery = lineItem.delivery?.[0]
  edi.deliveryPeriod(delivery?.requestedDeliveryPeriod, delivery?.latestDeliveryDate)
  edi.amount('203', lineItem.lineExtensionAmount, currency)
  edi.amount('124', lineItem.totalTaxAmount, currency)
  for (const note of lineItem.note ?? []) addText(edi, 'AAI', note)
  addPrice(edi, lineItem)
  for (const reference of line.documentReference ?? []) addReference(edi, qualifierOf(reference), reference)
  addTaxes(edi, lineItem.item)
  for (const one of lineItem.allowanceCharge ?? []) addAllowanceCharge(edi, one, currency)
}

/** A GTIN is EN in D.96A; a number of another scheme keeps its type where that is one of EDIFACT. */
function standardNumber({ standardItemIdentification: standard }: Item): (string | undefined)[] | null {
  if (standard === undefined) return null
  const scheme = standard.schemeId === '0160' ? 'EN' : standard.schemeId
  const type = scheme !== undefined && /^[A-Z]{2,3}$/.test(scheme) ? scheme : undefined
  return [strict(standard.id, 35, 'item number'), type]
}

function addItemNumbers(edi: EdifactWriting, item: Item): void {
  for (const [type, identifier] of [
    ['SA', item.sellersItemIdentification],
    ['IN', item.buyersItemIdentification],
    ['MF', item.manufacturersItemIdentification],
  ] as const) {
    if (identifier !== undefined) edi.add('PIA', '1', [strict(identifier.id, 35, 'item number'), type])
  }
}

/** 7081 is empty for the name and 79 ("other physical description") for descriptions. */
function addDescriptions(edi: EdifactWriting, item: Item): void {
  const name = edi.lines(item.name, 35, 2)
  if (name.length > 0) edi.add('IMD', 'F', null, [null, null, null, ...name])
  for (const description of item.description ?? []) {
    const lines = edi.lines(description, 35)
    for (let at = 0; at < lines.length; at += 2)
      edi.add('IMD', 'F', '79', [null, null, null, ...lines.slice(at, at + 2)])
  }
}

function addPrice(edi: EdifactWriting, { price }: LineItem): void {
  if (price === undefined) return
  const basis = price.baseQuantity
  edi.add('PRI', [
    'AAA',
    number(price.priceAmount.value, 15),
    null,
    null,
    basis && number(basis.value, 9),
    strict(basis?.unitCode, 3, 'unit'),
  ])
}

function addTaxes(edi: EdifactWriting, item: Item): void {
  for (const tax of item.classifiedTaxCategory ?? []) {
    edi.add(
      'TAX',
      '7',
      strict(tax.taxScheme?.id, 3, 'tax'),
      null,
      null,
      [null, null, null, strict(tax.percent, 17, 'rate of tax')],
      strict(tax.id, 3, 'category of tax'),
    )
  }
}

function addTotals(edi: EdifactWriting, order: Order): void {
  const total = order.anticipatedMonetaryTotal
  const currency = order.documentCurrencyCode
  edi.amount('79', total?.lineExtensionAmount, currency)
  edi.amount('125', total?.taxExclusiveAmount, currency)
  edi.amount('124', order.taxTotal?.[0]?.taxAmount, currency)
  edi.amount('128', total?.taxInclusiveAmount, currency)
  edi.amount('260', total?.allowanceTotalAmount, currency)
  edi.amount('259', total?.chargeTotalAmount, currency)
  edi.amount('86', total?.payableAmount, currency)
}

/** FTX: five texts of seventy characters; a longer one goes on in the next segment. */
function addText(edi: EdifactWriting, subject: string, text: string): void {
  const lines = edi.lines(text, 70)
  for (let at = 0; at < lines.length; at += 5) edi.add('FTX', subject, null, null, lines.slice(at, at + 5))
}

function addReference(
  edi: EdifactWriting,
  qualifier: string,
  reference: DocumentReference | undefined,
): void {
  if (reference === undefined) return
  edi.add('RFF', [qualifier, strict(reference.id, 35, 'reference')])
  edi.moment('171', reference.issueDate, undefined)
}

/** The reference's own qualifier where it has one; `ACD` ("additional reference number") where it has none. */
function qualifierOf({ documentTypeCode }: DocumentReference): string {
  return documentTypeCode !== undefined && /^[A-Z]{1,3}$/.test(documentTypeCode) ? documentTypeCode : 'ACD'
}
