/*
 * The UBL order that the library writes of the orders of samples.ts, written by mappings of one's own: the same elements
 * with the same values.
 */

const namespaces = {
  '': 'urn:oasis:names:specification:ubl:schema:xsd:Order-2',
  cac: 'urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2',
  cbc: 'urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2',
}

type Rule = Record<string, unknown>

const party = (to: string, from: string): Rule[] => [
  { set: `${to}/cac:Party/cac:PartyIdentification/cbc:ID`, from: `${from}.party.partyIdentification[0].id` },
  {
    set: `${to}/cac:Party/cac:PartyIdentification/cbc:ID/@schemeID`,
    from: `${from}.party.partyIdentification[0].schemeId`,
  },
  { set: `${to}/cac:Party/cac:PartyName/cbc:Name`, from: `${from}.party.partyName[0].name` },
  ...(['StreetName', 'CityName', 'PostalZone'] as const).map((name) => ({
    set: `${to}/cac:Party/cac:PostalAddress/cbc:${name}`,
    from: `${from}.party.postalAddress.${name[0]!.toLowerCase()}${name.slice(1)}`,
  })),
  {
    set: `${to}/cac:Party/cac:PostalAddress/cac:Country/cbc:IdentificationCode`,
    from: `${from}.party.postalAddress.country.identificationCode`,
  },
]

const line = (expression: Rule): Rule[] => [
  { set: 'cac:LineItem/cbc:ID', from: 'lineItem.id' },
  { set: 'cac:LineItem/cbc:Quantity', from: 'lineItem.quantity.value' },
  { set: 'cac:LineItem/cbc:Quantity/@unitCode', from: 'lineItem.quantity.unitCode' },
  { set: 'cac:LineItem/cac:Price/cbc:PriceAmount', from: 'lineItem.price.priceAmount.value' },
  {
    set: 'cac:LineItem/cac:Price/cbc:PriceAmount/@currencyID',
    from: 'lineItem.price.priceAmount.currencyId',
  },
  { set: 'cac:LineItem/cac:Item/cbc:Name', from: 'lineItem.item.name', ...expression },
  {
    set: 'cac:LineItem/cac:Item/cac:SellersItemIdentification/cbc:ID',
    from: 'lineItem.item.sellersItemIdentification.id',
  },
  {
    set: 'cac:LineItem/cac:Item/cac:StandardItemIdentification/cbc:ID',
    from: 'lineItem.item.standardItemIdentification.id',
  },
  {
    set: 'cac:LineItem/cac:Item/cac:StandardItemIdentification/cbc:ID/@schemeID',
    from: 'lineItem.item.standardItemIdentification.schemeId',
  },
]

function rules(key: string, expression: Rule): string {
  const mapping = {
    key,
    direction: 'fromCanonical',
    format: 'xml',
    xml: { root: 'Order', namespaces },
    output: [
      { set: 'cbc:UBLVersionID', value: '2.1' },
      { set: 'cbc:ID', from: 'id' },
      { set: 'cbc:IssueDate', from: 'issueDate' },
      { set: 'cbc:OrderTypeCode', from: 'orderTypeCode' },
      { set: 'cbc:DocumentCurrencyCode', from: 'documentCurrencyCode' },
      { set: 'cbc:LineCountNumeric', from: 'orderLine.length' },
      ...party('cac:BuyerCustomerParty', 'buyerCustomerParty'),
      ...party('cac:SellerSupplierParty', 'sellerSupplierParty'),
      {
        set: 'cac:Delivery/cac:RequestedDeliveryPeriod/cbc:StartDate',
        from: 'delivery[0].requestedDeliveryPeriod.startDate',
      },
      {
        set: 'cac:Delivery/cac:RequestedDeliveryPeriod/cbc:EndDate',
        from: 'delivery[0].requestedDeliveryPeriod.endDate',
      },
      { each: 'orderLine', into: 'cac:OrderLine', rules: line(expression) },
    ],
  }
  return JSON.stringify({ mapping })
}

const partyText = (name: string, of: string): string => `<cac:${name}><cac:Party>
{{#with ${of}.party}}{{#each partyIdentification}}<cac:PartyIdentification><cbc:ID schemeID="{{schemeId}}">{{id}}</cbc:ID></cac:PartyIdentification>{{/each}}
{{#each partyName}}<cac:PartyName><cbc:Name>{{name}}</cbc:Name></cac:PartyName>{{/each}}
{{#with postalAddress}}<cac:PostalAddress><cbc:StreetName>{{streetName}}</cbc:StreetName><cbc:CityName>{{cityName}}</cbc:CityName><cbc:PostalZone>{{postalZone}}</cbc:PostalZone><cac:Country><cbc:IdentificationCode>{{country.identificationCode}}</cbc:IdentificationCode></cac:Country></cac:PostalAddress>{{/with}}{{/with}}
</cac:Party></cac:${name}>`

const template = `<Order xmlns="${namespaces['']}" xmlns:cbc="${namespaces.cbc}" xmlns:cac="${namespaces.cac}">
<cbc:UBLVersionID>2.1</cbc:UBLVersionID>
<cbc:ID>{{id}}</cbc:ID>
<cbc:IssueDate>{{issueDate}}</cbc:IssueDate>
<cbc:OrderTypeCode>{{orderTypeCode}}</cbc:OrderTypeCode>
<cbc:DocumentCurrencyCode>{{documentCurrencyCode}}</cbc:DocumentCurrencyCode>
<cbc:LineCountNumeric>{{orderLine.length}}</cbc:LineCountNumeric>
${partyText('BuyerCustomerParty', 'buyerCustomerParty')}
${partyText('SellerSupplierParty', 'sellerSupplierParty')}
{{#each delivery}}<cac:Delivery>{{#with requestedDeliveryPeriod}}<cac:RequestedDeliveryPeriod><cbc:StartDate>{{startDate}}</cbc:StartDate><cbc:EndDate>{{endDate}}</cbc:EndDate></cac:RequestedDeliveryPeriod>{{/with}}</cac:Delivery>{{/each}}
{{#each orderLine}}{{#with lineItem}}<cac:OrderLine><cac:LineItem><cbc:ID>{{id}}</cbc:ID>
<cbc:Quantity unitCode="{{quantity.unitCode}}">{{quantity.value}}</cbc:Quantity>
<cac:Price><cbc:PriceAmount currencyID="{{price.priceAmount.currencyId}}">{{price.priceAmount.value}}</cbc:PriceAmount></cac:Price>
<cac:Item><cbc:Name>{{item.name}}</cbc:Name>
<cac:SellersItemIdentification><cbc:ID>{{item.sellersItemIdentification.id}}</cbc:ID></cac:SellersItemIdentification>
<cac:StandardItemIdentification><cbc:ID schemeID="{{item.standardItemIdentification.schemeId}}">{{item.standardItemIdentification.id}}</cbc:ID></cac:StandardItemIdentification></cac:Item>
</cac:LineItem></cac:OrderLine>{{/with}}{{/each}}
</Order>`

/** Documents of the configuration, by the name of the mapping. */
export const ownMappings: Readonly<Record<string, string>> = {
  'order/rules': rules('order/rules', {}),
  'order/expressions': rules('order/expressions', { expression: 'value.trim()' }),
  'order/template': JSON.stringify({
    mapping: { key: 'order/template', direction: 'fromCanonical', format: 'xml', template },
  }),
}
