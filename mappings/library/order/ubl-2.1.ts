import type { ReadMessage } from '#hub/model/format.ts'
import type { CanonicalDocument, MappedMessage, WriteContext } from '#hub/model/mapping.ts'
import type { Finding } from '#hub/model/findings.ts'
import { HubError } from '#hub/model/errors.ts'
import type { Item, LineItem, Order, OrderLine } from '#hub/canonical/index.ts'
import { childOf, childrenOf, type XmlElement } from '#hub/formats/xml/index.ts'
import { compact, compactList } from '#mappings/engine/compact.ts'
import type { Mapping } from '#mappings/engine/mapping.ts'
import { notCarried } from '#mappings/engine/carried.ts'
import { UblReading } from '#mappings/library/parts/ubl-reading.ts'
import {
  allowanceChargeFrom,
  contractFrom,
  deliveryFrom,
  monetaryTotalFrom,
  partyRoleFrom,
  periodFrom,
  referenceFrom,
  taxCategoryFrom,
  taxTotalFrom,
} from '#mappings/library/parts/ubl-parts.ts'
import { ublOrder } from './ubl-2.1-writing.ts'

/*
 * UBL 2.1 Order <-> canonical order: nearly the identity, since the canonical names are UBL's.
 * What has no place: a function other than original or copy (an Order cannot say them, so they are not written), and
 * `extensions`.
 */

export const orderUbl21: Mapping = { format: 'xml', version: '1', toCanonical, fromCanonical }

function toCanonical(message: ReadMessage): { canonical: CanonicalDocument; findings: Finding[] } {
  const root = message.tree as XmlElement
  const ubl = new UblReading()
  const canonical = orderFrom(ubl, root)
  return { canonical, findings: [...ubl.findings, ...ubl.leftovers(root)] }
}

function fromCanonical(canonical: CanonicalDocument, context: WriteContext): MappedMessage {
  const order = canonical as Order
  if (order.function !== 'original' && order.function !== 'copy')
    throw new HubError('notWritable', `a UBL Order cannot say that it is a ${order.function}`)
  const guide = settingOf(context, 'customizationId')
  const tree = ublOrder(order, { customizationId: guide, profileId: settingOf(context, 'profileId') })
  const findings = notCarried(order, orderFrom(new UblReading({ remember: false }), tree), 'a UBL 2.1 Order')
  return { format: 'xml', wireType: 'Order', version: '2.1', guide: guide ?? '', tree, findings }
}

function orderFrom(ubl: UblReading, root: XmlElement): CanonicalDocument {
  ubl.ignore(root, 'UBLVersionID', 'CustomizationID', 'ProfileID', 'LineCountNumeric')
  const order = compact<Order>({
    type: 'order',
    version: '1',
    id: ubl.text(root, 'ID'),
    issueDate: ubl.date(root, 'IssueDate'),
    issueTime: ubl.text(root, 'IssueTime'),
    orderTypeCode: ubl.text(root, 'OrderTypeCode'),
    function: ubl.text(root, 'CopyIndicator') === 'true' ? 'copy' : 'original',
    note: compactList(ubl.texts(root, 'Note')),
    documentCurrencyCode: ubl.text(root, 'DocumentCurrencyCode'),
    customerReference: ubl.text(root, 'CustomerReference'),
    accountingCost: ubl.text(root, 'AccountingCost'),
    validityPeriod: periodFrom(ubl, childOf(root, 'ValidityPeriod')),
    quotationDocumentReference: referenceFrom(ubl, childOf(root, 'QuotationDocumentReference')),
    orderDocumentReference: referenceFrom(ubl, childOf(root, 'OrderDocumentReference')),
    originatorDocumentReference: referenceFrom(ubl, childOf(root, 'OriginatorDocumentReference')),
    contract: compactList(childrenOf(root, 'Contract').map((one) => contractFrom(ubl, one))),
    additionalDocumentReference: compactList(
      childrenOf(root, 'AdditionalDocumentReference').map((one) => referenceFrom(ubl, one)),
    ),
    buyerCustomerParty: partyRoleFrom(ubl, childOf(root, 'BuyerCustomerParty')),
    sellerSupplierParty: partyRoleFrom(ubl, childOf(root, 'SellerSupplierParty')),
    originatorCustomerParty: partyRoleFrom(ubl, childOf(root, 'OriginatorCustomerParty')),
    accountingCustomerParty: partyRoleFrom(ubl, childOf(root, 'AccountingCustomerParty')),
    delivery: compactList(childrenOf(root, 'Delivery').map((one) => deliveryFrom(ubl, one))),
    deliveryTerms: compact<NonNullable<Order['deliveryTerms']>>({
      id: ubl.text(root, 'DeliveryTerms', 'ID'),
      specialTerms: ubl.text(root, 'DeliveryTerms', 'SpecialTerms'),
    }),
    paymentTerms: compactList(
      childrenOf(root, 'PaymentTerms').flatMap((one) => ubl.texts(one, 'Note').map((note) => ({ note }))),
    ),
    allowanceCharge: compactList(
      childrenOf(root, 'AllowanceCharge').map((one) => allowanceChargeFrom(ubl, one)),
    ),
    taxTotal: compactList(childrenOf(root, 'TaxTotal').map((one) => taxTotalFrom(ubl, one))),
    anticipatedMonetaryTotal: monetaryTotalFrom(ubl, childOf(root, 'AnticipatedMonetaryTotal')),
    orderLine: childrenOf(root, 'OrderLine').map((line) => orderLineFrom(ubl, line)),
    extensions: undefined,
  })
  return order as CanonicalDocument
}

function orderLineFrom(ubl: UblReading, line: XmlElement): OrderLine {
  return {
    ...compact<OrderLine>({
      lineItem: lineItemFrom(ubl, line, childOf(line, 'LineItem')),
      documentReference: compactList(
        childrenOf(line, 'DocumentReference').map((one) => referenceFrom(ubl, one)),
      ),
    }),
  } as OrderLine
}

function lineItemFrom(ubl: UblReading, line: XmlElement, item: XmlElement | undefined): LineItem | undefined {
  const price = childOf(item, 'Price')
  return compact<LineItem>({
    id: ubl.text(item, 'ID'),
    note: compactList([...ubl.texts(line, 'Note'), ...ubl.texts(item, 'Note')]),
    quantity: ubl.quantity(item, 'Quantity'),
    lineExtensionAmount: ubl.amount(item, 'LineExtensionAmount'),
    totalTaxAmount: ubl.amount(item, 'TotalTaxAmount'),
    price: compact<NonNullable<LineItem['price']>>({
      priceAmount: ubl.amount(price, 'PriceAmount'),
      baseQuantity: ubl.quantity(price, 'BaseQuantity'),
    }),
    delivery: compactList(childrenOf(item, 'Delivery').map((one) => deliveryFrom(ubl, one))),
    allowanceCharge: compactList(
      childrenOf(item, 'AllowanceCharge').map((one) => allowanceChargeFrom(ubl, one)),
    ),
    item: itemFrom(ubl, childOf(item, 'Item')),
  })
}

function itemFrom(ubl: UblReading, item: XmlElement | undefined): Item | undefined {
  return compact<Item>({
    description: compactList(ubl.texts(item, 'Description')),
    name: ubl.text(item, 'Name'),
    buyersItemIdentification: ubl.identifier(item, 'BuyersItemIdentification', 'ID'),
    sellersItemIdentification: ubl.identifier(item, 'SellersItemIdentification', 'ID'),
    manufacturersItemIdentification: ubl.identifier(item, 'ManufacturersItemIdentification', 'ID'),
    standardItemIdentification: ubl.identifier(item, 'StandardItemIdentification', 'ID'),
    classifiedTaxCategory: compactList(
      childrenOf(item, 'ClassifiedTaxCategory').map((one) => taxCategoryFrom(ubl, one)),
    ),
    additionalItemProperty: childrenOf(item, 'AdditionalItemProperty').map((one) => ({
      ...compact({ name: ubl.text(one, 'Name'), value: ubl.text(one, 'Value') }),
    })) as Item['additionalItemProperty'],
  })
}

function settingOf(context: WriteContext, name: string): string | undefined {
  const value = context.settings[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}
