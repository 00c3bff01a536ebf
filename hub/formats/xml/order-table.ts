/**
 * What the check of a UBL 2.1 Order knows: the children of the root, of its lines and of their items, in the order of
 * the schema. `1` stands once, `?` at most once, `+` at least once, `*` any number of times. Elements below that have
 * no table are not looked into.
 */
export interface ElementTable {
  /** Name to how often, in order. */
  readonly children: Readonly<Record<string, '1' | '?' | '+' | '*'>>
  readonly values?: Readonly<Record<string, ValueKind>>
  readonly tables?: Readonly<Record<string, ElementTable>>
}

export type ValueKind = 'date' | 'time' | 'decimal' | 'amount' | 'boolean' | 'text'

const price: ElementTable = {
  children: {
    PriceAmount: '1',
    BaseQuantity: '?',
    PriceChangeReason: '*',
    PriceTypeCode: '?',
    PriceType: '?',
    OrderableUnitFactorRate: '?',
    ValidityPeriod: '*',
    PriceList: '?',
    AllowanceCharge: '*',
    PricingExchangeRate: '?',
  },
  values: { PriceAmount: 'amount', BaseQuantity: 'decimal' },
}

const lineItem: ElementTable = {
  children: {
    ID: '1',
    SalesOrderID: '?',
    UUID: '?',
    Note: '*',
    LineStatusCode: '?',
    Quantity: '?',
    LineExtensionAmount: '?',
    TotalTaxAmount: '?',
    MinimumQuantity: '?',
    MaximumQuantity: '?',
    MinimumBackorderQuantity: '?',
    MaximumBackorderQuantity: '?',
    InspectionMethodCode: '?',
    PartialDeliveryIndicator: '?',
    BackOrderAllowedIndicator: '?',
    AccountingCostCode: '?',
    AccountingCost: '?',
    WarrantyInformation: '*',
    Delivery: '*',
    DeliveryTerms: '?',
    OriginatorParty: '?',
    OrderedShipment: '*',
    PricingReference: '?',
    AllowanceCharge: '*',
    Price: '?',
    Item: '1',
    SubLineItem: '*',
    WarrantyValidityPeriod: '?',
    WarrantyParty: '?',
    TaxTotal: '*',
    ItemPriceExtension: '?',
    LineReference: '*',
  },
  values: {
    ID: 'text',
    Quantity: 'decimal',
    LineExtensionAmount: 'amount',
    TotalTaxAmount: 'amount',
    PartialDeliveryIndicator: 'boolean',
  },
  tables: { Price: price },
}

const orderLine: ElementTable = {
  children: {
    SubstitutionStatusCode: '?',
    Note: '*',
    LineItem: '1',
    SellerProposedSubstituteLineItem: '*',
    SellerSubstitutedLineItem: '*',
    BuyerProposedSubstituteLineItem: '*',
    CatalogueLineReference: '?',
    QuotationLineReference: '?',
    OrderLineReference: '*',
    DocumentReference: '*',
  },
  tables: { LineItem: lineItem },
}

export const orderTable: ElementTable = {
  children: {
    UBLExtensions: '?',
    UBLVersionID: '?',
    CustomizationID: '?',
    ProfileID: '?',
    ProfileExecutionID: '?',
    ID: '1',
    SalesOrderID: '?',
    CopyIndicator: '?',
    UUID: '?',
    IssueDate: '1',
    IssueTime: '?',
    OrderTypeCode: '?',
    Note: '*',
    RequestedInvoiceCurrencyCode: '?',
    DocumentCurrencyCode: '?',
    PricingCurrencyCode: '?',
    TaxCurrencyCode: '?',
    CustomerReference: '?',
    AccountingCostCode: '?',
    AccountingCost: '?',
    LineCountNumeric: '?',
    ValidityPeriod: '*',
    QuotationDocumentReference: '?',
    OrderDocumentReference: '*',
    OriginatorDocumentReference: '?',
    CatalogueReference: '?',
    AdditionalDocumentReference: '*',
    Contract: '*',
    ProjectReference: '*',
    Signature: '*',
    BuyerCustomerParty: '1',
    SellerSupplierParty: '1',
    OriginatorCustomerParty: '?',
    FreightForwarderParty: '?',
    AccountingCustomerParty: '?',
    Delivery: '*',
    DeliveryTerms: '*',
    PaymentMeans: '*',
    PaymentTerms: '*',
    TransactionConditions: '?',
    AllowanceCharge: '*',
    TaxExchangeRate: '?',
    PricingExchangeRate: '?',
    PaymentExchangeRate: '?',
    DestinationCountry: '?',
    TaxTotal: '*',
    AnticipatedMonetaryTotal: '?',
    OrderLine: '+',
  },
  values: {
    ID: 'text',
    IssueDate: 'date',
    IssueTime: 'time',
    CopyIndicator: 'boolean',
    LineCountNumeric: 'decimal',
  },
  tables: { OrderLine: orderLine },
}
