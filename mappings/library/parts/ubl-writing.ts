import type {
  Address,
  AllowanceCharge,
  Amount,
  Contact,
  Delivery,
  DocumentReference,
  Identifier,
  MonetaryTotal,
  Party,
  PartyRole,
  Period,
  Quantity,
  TaxCategory,
  TaxTotal,
} from '#hub/canonical/index.ts'
import { elementsOf, type Content, type XmlElement } from '#hub/formats/xml/index.ts'

/*
 * The aggregates that UBL documents share, from canonical to UBL 2.1: one function each, children in the order of the
 * schema. Null stands for an element that is not written; an aggregate without children is none.
 */

type Element = XmlElement | null

const component = 'urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2'
const aggregate = 'urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2'
const makeBasic = elementsOf(component, 'cbc')
const makeAggregate = elementsOf(aggregate, 'cac')

/** `cbc:` with a text. */
export function cbc(name: string, text: string | undefined): Element {
  return text === undefined ? null : makeBasic(name, text)
}

/** `cbc:` elements of one name, a text each. */
export function cbcs(name: string, texts: readonly string[] | undefined): XmlElement[] {
  return texts === undefined ? [] : texts.map((text) => makeBasic(name, text))
}

/** `cac:` with children. */
export function cac(name: string, children: Exclude<Content, string>): Element {
  for (const child of children)
    if (child !== null && child !== undefined) return makeAggregate(name, children)
  return null
}

export function cbcIdentifier(name: string, of: Identifier | undefined): Element {
  return of === undefined ? null : makeBasic(name, of.id, { schemeID: of.schemeId })
}

/** `currency` is the document's, for amounts that name none: UBL demands one. */
export function cbcAmount(name: string, amount: Amount | undefined, currency: string | undefined): Element {
  if (amount === undefined) return null
  return makeBasic(name, amount.value, { currencyID: amount.currencyId ?? currency })
}

export function cbcQuantity(name: string, quantity: Quantity | undefined): Element {
  return quantity === undefined ? null : makeBasic(name, quantity.value, { unitCode: quantity.unitCode })
}

/** `cac:…/cbc:ID`, as item identifications and party identifications are. */
export function cacIdentification(name: string, of: Identifier | undefined): Element {
  return cac(name, [cbcIdentifier('ID', of)])
}

export function cacPartyRole(name: string, role: PartyRole | undefined): Element {
  return cac(name, [
    cbc('CustomerAssignedAccountID', role?.customerAssignedAccountId),
    cbc('SupplierAssignedAccountID', role?.supplierAssignedAccountId),
    cacParty('Party', role?.party),
  ])
}

export function cacParty(name: string, party: Party | undefined): Element {
  return cac(name, [
    cbcIdentifier('EndpointID', party?.endpointId),
    ...(party?.partyIdentification ?? []).map((one) => cacIdentification('PartyIdentification', one)),
    ...(party?.partyName ?? []).map((one) => cac('PartyName', [cbc('Name', one.name)])),
    cacAddress('PostalAddress', party?.postalAddress),
    ...(party?.partyTaxScheme ?? []).map((one) =>
      cac('PartyTaxScheme', [
        cbc('CompanyID', one.companyId),
        cac('TaxScheme', [cbc('ID', one.taxScheme?.id)]),
      ]),
    ),
    ...(party?.partyLegalEntity ?? []).map((one) =>
      cac('PartyLegalEntity', [
        cbc('RegistrationName', one.registrationName),
        cbcIdentifier('CompanyID', one.companyId),
      ]),
    ),
    cacContact(party?.contact),
  ])
}

export function cacAddress(name: string, address: Address | undefined): Element {
  return cac(name, [
    cbc('ID', address?.id),
    cbc('Postbox', address?.postbox),
    cbc('StreetName', address?.streetName),
    cbc('AdditionalStreetName', address?.additionalStreetName),
    cbc('BuildingNumber', address?.buildingNumber),
    cbc('Department', address?.department),
    cbc('CityName', address?.cityName),
    cbc('PostalZone', address?.postalZone),
    cbc('CountrySubentity', address?.countrySubentity),
    ...(address?.addressLine ?? []).map((one) => cac('AddressLine', [cbc('Line', one.line)])),
    cac('Country', [
      cbc('IdentificationCode', address?.country?.identificationCode),
      cbc('Name', address?.country?.name),
    ]),
  ])
}

export function cacPeriod(name: string, period: Period | undefined): Element {
  return cac(name, [
    cbc('StartDate', period?.startDate),
    cbc('StartTime', period?.startTime),
    cbc('EndDate', period?.endDate),
    cbc('EndTime', period?.endTime),
  ])
}

export function cacReference(name: string, reference: DocumentReference | undefined): Element {
  return cac(name, [
    cbc('ID', reference?.id),
    cbc('IssueDate', reference?.issueDate),
    cbc('DocumentTypeCode', reference?.documentTypeCode),
    cbc('DocumentType', reference?.documentType),
  ])
}

/** A contract has names of its own for the two fields that say its type. */
export function cacContract(contract: DocumentReference): Element {
  return cac('Contract', [
    cbc('ID', contract.id),
    cbc('IssueDate', contract.issueDate),
    cbc('ContractTypeCode', contract.documentTypeCode),
    cbc('ContractType', contract.documentType),
  ])
}

export function cacDelivery(delivery: Delivery): Element {
  const location = delivery.deliveryLocation
  return cac('Delivery', [
    cbcQuantity('Quantity', delivery.quantity),
    cbc('LatestDeliveryDate', delivery.latestDeliveryDate),
    cacAddress('DeliveryAddress', delivery.deliveryAddress),
    cac('DeliveryLocation', [cbcIdentifier('ID', location), cbc('Description', location?.description)]),
    cacPeriod('RequestedDeliveryPeriod', delivery.requestedDeliveryPeriod),
    cacParty('DeliveryParty', delivery.deliveryParty),
  ])
}

export function cacAllowanceCharge(of: AllowanceCharge, currency: string | undefined): Element {
  return cac('AllowanceCharge', [
    cbc('ChargeIndicator', String(of.chargeIndicator)),
    cbc('AllowanceChargeReasonCode', of.allowanceChargeReasonCode),
    cbc('AllowanceChargeReason', of.allowanceChargeReason),
    cbc('MultiplierFactorNumeric', of.multiplierFactorNumeric),
    cbcAmount('Amount', of.amount, currency),
    cbcAmount('BaseAmount', of.baseAmount, currency),
  ])
}

export function cacTaxTotal(total: TaxTotal, currency: string | undefined): Element {
  return cac('TaxTotal', [
    cbcAmount('TaxAmount', total.taxAmount, currency),
    ...(total.taxSubtotal ?? []).map((one) =>
      cac('TaxSubtotal', [
        cbcAmount('TaxableAmount', one.taxableAmount, currency),
        cbcAmount('TaxAmount', one.taxAmount, currency),
        cacTaxCategory('TaxCategory', one.taxCategory),
      ]),
    ),
  ])
}

export function cacTaxCategory(name: string, category: TaxCategory): Element {
  return cac(name, [
    cbc('ID', category.id),
    cbc('Percent', category.percent),
    cac('TaxScheme', [cbc('ID', category.taxScheme?.id)]),
  ])
}

export function cacMonetaryTotal(
  name: string,
  total: MonetaryTotal | undefined,
  currency: string | undefined,
): Element {
  return cac(name, [
    cbcAmount('LineExtensionAmount', total?.lineExtensionAmount, currency),
    cbcAmount('TaxExclusiveAmount', total?.taxExclusiveAmount, currency),
    cbcAmount('TaxInclusiveAmount', total?.taxInclusiveAmount, currency),
    cbcAmount('AllowanceTotalAmount', total?.allowanceTotalAmount, currency),
    cbcAmount('ChargeTotalAmount', total?.chargeTotalAmount, currency),
    cbcAmount('PayableAmount', total?.payableAmount, currency),
  ])
}

function cacContact(contact: Contact | undefined): Element {
  return cac('Contact', [
    cbc('ID', contact?.id),
    cbc('Name', contact?.name),
    cbc('Telephone', contact?.telephone),
    cbc('Telefax', contact?.telefax),
    cbc('ElectronicMail', contact?.electronicMail),
  ])
}
