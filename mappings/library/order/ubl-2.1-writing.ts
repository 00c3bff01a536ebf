import type { Item, LineItem, Order, OrderLine } from '#hub/canonical/index.ts'
import { elementsOf, type XmlElement } from '#hub/formats/xml/index.ts'
import {
  cac,
  cacAllowanceCharge,
  cacContract,
  cacDelivery,
  cacIdentification,
  cacMonetaryTotal,
  cacPartyRole,
  cacPeriod,
  cacReference,
  cacTaxCategory,
  cacTaxTotal,
  cbc,
  cbcAmount,
  cbcQuantity,
  cbcs,
} from '#mappings/library/parts/ubl-writing.ts'

const orderElement = elementsOf('urn:oasis:names:specification:ubl:schema:xsd:Order-2', '')

/** A canonical order as the root element of a UBL 2.1 Order, children in the order of the schema. */
export function ublOrder(
  order: Order,
  settings: { customizationId: string | undefined; profileId: string | undefined },
): XmlElement {
  const currency = order.documentCurrencyCode
  return orderElement('Order', [
    cbc('UBLVersionID', '2.1'),
    cbc('CustomizationID', settings.customizationId),
    cbc('ProfileID', settings.profileId),
    cbc('ID', order.id),
    cbc('CopyIndicator', order.function === 'copy' ? 'true' : undefined),
    cbc('IssueDate', order.issueDate),
    cbc('IssueTime', order.issueTime),
    cbc('OrderTypeCode', order.orderTypeCode),
    ...cbcs('Note', order.note),
    cbc('DocumentCurrencyCode', currency),
    cbc('CustomerReference', order.customerReference),
    cbc('AccountingCost', order.accountingCost),
    cbc('LineCountNumeric', String(order.orderLine.length)),
    cacPeriod('ValidityPeriod', order.validityPeriod),
    cacReference('QuotationDocumentReference', order.quotationDocumentReference),
    cacReference('OrderDocumentReference', order.orderDocumentReference),
    cacReference('OriginatorDocumentReference', order.originatorDocumentReference),
    ...(order.additionalDocumentReference ?? []).map((one) =>
      cacReference('AdditionalDocumentReference', one),
    ),
    ...(order.contract ?? []).map(cacContract),
    cacPartyRole('BuyerCustomerParty', order.buyerCustomerParty),
    cacPartyRole('SellerSupplierParty', order.sellerSupplierParty),
    cacPartyRole('OriginatorCustomerParty', order.originatorCustomerParty),
    cacPartyRole('AccountingCustomerParty', order.accountingCustomerParty),
    ...(order.delivery ?? []).map(cacDelivery),
    cac('DeliveryTerms', [
      cbc('ID', order.deliveryTerms?.id),
      cbc('SpecialTerms', order.deliveryTerms?.specialTerms),
    ]),
    ...(order.paymentTerms ?? []).map((one) => cac('PaymentTerms', [cbc('Note', one.note)])),
    ...(order.allowanceCharge ?? []).map((one) => cacAllowanceCharge(one, currency)),
    ...(order.taxTotal ?? []).map((one) => cacTaxTotal(one, currency)),
    cacMonetaryTotal('AnticipatedMonetaryTotal', order.anticipatedMonetaryTotal, currency),
    ...order.orderLine.map((line) => cacOrderLine(line, currency)),
  ])
}

function cacOrderLine(line: OrderLine, currency: string | undefined): XmlElement | null {
  return cac('OrderLine', [
    cacLineItem(line.lineItem, currency),
    ...(line.documentReference ?? []).map((one) => cacReference('DocumentReference', one)),
  ])
}

function cacLineItem(item: LineItem, currency: string | undefined): XmlElement | null {
  return cac('LineItem', [
    cbc('ID', item.id),
    ...cbcs('Note', item.note),
    cbcQuantity('Quantity', item.quantity),
    cbcAmount('LineExtensionAmount', item.lineExtensionAmount, currency),
    cbcAmount('TotalTaxAmount', item.totalTaxAmount, currency),
    ...(item.delivery ?? []).map(cacDelivery),
    ...(item.allowanceCharge ?? []).map((one) => cacAllowanceCharge(one, currency)),
    cac('Price', [
      cbcAmount('PriceAmount', item.price?.priceAmount, currency),
      cbcQuantity('BaseQuantity', item.price?.baseQuantity),
    ]),
    cacItem(item.item),
  ])
}

function cacItem(item: Item): XmlElement | null {
  return cac('Item', [
    ...cbcs('Description', item.description),
    cbc('Name', item.name),
    cacIdentification('BuyersItemIdentification', item.buyersItemIdentification),
    cacIdentification('SellersItemIdentification', item.sellersItemIdentification),
    cacIdentification('ManufacturersItemIdentification', item.manufacturersItemIdentification),
    cacIdentification('StandardItemIdentification', item.standardItemIdentification),
    ...(item.classifiedTaxCategory ?? []).map((one) => cacTaxCategory('ClassifiedTaxCategory', one)),
    ...(item.additionalItemProperty ?? []).map((one) =>
      cac('AdditionalItemProperty', [cbc('Name', one.name), cbc('Value', one.value)]),
    ),
  ])
}
