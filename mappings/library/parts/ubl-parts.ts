import type {
  Address,
  AllowanceCharge,
  Contact,
  Delivery,
  DocumentReference,
  MonetaryTotal,
  Party,
  PartyRole,
  Period,
  TaxCategory,
  TaxTotal,
} from '#hub/canonical/index.ts'
import { childOf, childrenOf, elementAt, type XmlElement } from '#hub/formats/xml/index.ts'
import { compact, compactList } from '#mappings/engine/compact.ts'
import type { UblReading } from './ubl-reading.ts'

/*
 * The aggregates that UBL documents share, from UBL 2.x to canonical: one function each, one line a field. Each takes
 * the element itself (`cac:Party` …) or undefined, and returns undefined where it says nothing.
 */

export function partyRoleFrom(ubl: UblReading, role: XmlElement | undefined): PartyRole | undefined {
  return compact<PartyRole>({
    supplierAssignedAccountId: ubl.text(role, 'SupplierAssignedAccountID'),
    customerAssignedAccountId: ubl.text(role, 'CustomerAssignedAccountID'),
    party: partyFrom(ubl, childOf(role, 'Party')),
  })
}

export function partyFrom(ubl: UblReading, party: XmlElement | undefined): Party | undefined {
  return compact<Party>({
    endpointId: ubl.identifier(party, 'EndpointID'),
    partyIdentification: compactList(
      childrenOf(party, 'PartyIdentification').map((one) => ubl.identifier(one, 'ID')),
    ),
    partyName: compactList(
      childrenOf(party, 'PartyName').map((one) => compact({ name: ubl.text(one, 'Name') })),
    ) as Party['partyName'],
    postalAddress: addressFrom(ubl, childOf(party, 'PostalAddress')),
    partyTaxScheme: childrenOf(party, 'PartyTaxScheme').map((one) => ({
      ...compact({
        companyId: ubl.text(one, 'CompanyID'),
        taxScheme: taxSchemeFrom(ubl, one),
      }),
    })),
    partyLegalEntity: childrenOf(party, 'PartyLegalEntity').map((one) => ({
      ...compact({
        registrationName: ubl.text(one, 'RegistrationName'),
        companyId: ubl.identifier(one, 'CompanyID'),
      }),
    })),
    contact: contactFrom(ubl, childOf(party, 'Contact')),
  })
}

export function addressFrom(ubl: UblReading, address: XmlElement | undefined): Address | undefined {
  return compact<Address>({
    id: ubl.text(address, 'ID'),
    postbox: ubl.text(address, 'Postbox'),
    streetName: ubl.text(address, 'StreetName'),
    additionalStreetName: ubl.text(address, 'AdditionalStreetName'),
    buildingNumber: ubl.text(address, 'BuildingNumber'),
    department: ubl.text(address, 'Department'),
    cityName: ubl.text(address, 'CityName'),
    postalZone: ubl.text(address, 'PostalZone'),
    countrySubentity: ubl.text(address, 'CountrySubentity'),
    addressLine: compactList(
      childrenOf(address, 'AddressLine').map((one) => compact({ line: ubl.text(one, 'Line') })),
    ) as Address['addressLine'],
    country: compact<NonNullable<Address['country']>>({
      identificationCode: ubl.text(address, 'Country', 'IdentificationCode'),
      name: ubl.text(address, 'Country', 'Name'),
    }),
  })
}

export function contactFrom(ubl: UblReading, contact: XmlElement | undefined): Contact | undefined {
  return compact<Contact>({
    id: ubl.text(contact, 'ID'),
    name: ubl.text(contact, 'Name'),
    telephone: ubl.text(contact, 'Telephone'),
    telefax: ubl.text(contact, 'Telefax'),
    electronicMail: ubl.text(contact, 'ElectronicMail'),
  })
}

export function periodFrom(ubl: UblReading, period: XmlElement | undefined): Period | undefined {
  return compact<Period>({
    startDate: ubl.date(period, 'StartDate'),
    startTime: ubl.text(period, 'StartTime'),
    endDate: ubl.date(period, 'EndDate'),
    endTime: ubl.text(period, 'EndTime'),
  })
}

export function referenceFrom(ubl: UblReading, of: XmlElement | undefined): DocumentReference | undefined {
  return compact<DocumentReference>({
    id: ubl.text(of, 'ID'),
    issueDate: ubl.date(of, 'IssueDate'),
    documentTypeCode: ubl.text(of, 'DocumentTypeCode'),
    documentType: ubl.text(of, 'DocumentType'),
  })
}

/** A contract has names of its own for the two fields that say its type. */
export function contractFrom(ubl: UblReading, of: XmlElement): DocumentReference | undefined {
  return compact<DocumentReference>({
    id: ubl.text(of, 'ID'),
    issueDate: ubl.date(of, 'IssueDate'),
    documentTypeCode: ubl.text(of, 'ContractTypeCode'),
    documentType: ubl.text(of, 'ContractType'),
  })
}

export function deliveryFrom(ubl: UblReading, delivery: XmlElement): Delivery | undefined {
  const location = childOf(delivery, 'DeliveryLocation')
  return compact<Delivery>({
    quantity: ubl.quantity(delivery, 'Quantity'),
    requestedDeliveryPeriod: periodFrom(ubl, childOf(delivery, 'RequestedDeliveryPeriod')),
    latestDeliveryDate: ubl.date(delivery, 'LatestDeliveryDate'),
    deliveryLocation: compact<NonNullable<Delivery['deliveryLocation']>>({
      id: undefined,
      schemeId: undefined,
      ...ubl.identifier(location, 'ID'),
      description: ubl.text(location, 'Description'),
    }),
    deliveryAddress: addressFrom(ubl, childOf(delivery, 'DeliveryAddress') ?? childOf(location, 'Address')),
    deliveryParty: partyFrom(ubl, childOf(delivery, 'DeliveryParty')),
  })
}

export function allowanceChargeFrom(ubl: UblReading, of: XmlElement): AllowanceCharge | undefined {
  const indicator = ubl.text(of, 'ChargeIndicator')
  return compact<AllowanceCharge>({
    chargeIndicator: indicator === undefined ? undefined : indicator === 'true' || indicator === '1',
    allowanceChargeReasonCode: ubl.text(of, 'AllowanceChargeReasonCode'),
    allowanceChargeReason: ubl.text(of, 'AllowanceChargeReason'),
    multiplierFactorNumeric: ubl.decimal(of, 'MultiplierFactorNumeric'),
    amount: ubl.amount(of, 'Amount'),
    baseAmount: ubl.amount(of, 'BaseAmount'),
  })
}

export function taxTotalFrom(ubl: UblReading, total: XmlElement): TaxTotal | undefined {
  return compact<TaxTotal>({
    taxAmount: ubl.amount(total, 'TaxAmount'),
    taxSubtotal: childrenOf(total, 'TaxSubtotal').map((one) => ({
      ...compact({
        taxableAmount: ubl.amount(one, 'TaxableAmount'),
        taxAmount: ubl.amount(one, 'TaxAmount'),
        taxCategory: taxCategoryFrom(ubl, childOf(one, 'TaxCategory')),
      }),
    })) as TaxTotal['taxSubtotal'],
  })
}

export function taxCategoryFrom(ubl: UblReading, category: XmlElement | undefined): TaxCategory | undefined {
  return compact<TaxCategory>({
    id: ubl.text(category, 'ID'),
    percent: ubl.decimal(category, 'Percent'),
    taxScheme: taxSchemeFrom(ubl, category),
  })
}

export function monetaryTotalFrom(ubl: UblReading, total: XmlElement | undefined): MonetaryTotal | undefined {
  return compact<MonetaryTotal>({
    lineExtensionAmount: ubl.amount(total, 'LineExtensionAmount'),
    taxExclusiveAmount: ubl.amount(total, 'TaxExclusiveAmount'),
    taxInclusiveAmount: ubl.amount(total, 'TaxInclusiveAmount'),
    allowanceTotalAmount: ubl.amount(total, 'AllowanceTotalAmount'),
    chargeTotalAmount: ubl.amount(total, 'ChargeTotalAmount'),
    payableAmount: ubl.amount(total, 'PayableAmount'),
  })
}

function taxSchemeFrom(ubl: UblReading, holder: XmlElement | undefined): TaxCategory['taxScheme'] {
  return compact<NonNullable<TaxCategory['taxScheme']>>({
    id: ubl.text(elementAt(holder, 'TaxScheme'), 'ID'),
  })
}
