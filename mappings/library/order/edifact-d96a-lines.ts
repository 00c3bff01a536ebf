import type {
  DocumentReference,
  Identifier,
  Item,
  LineItem,
  OrderLine,
  TaxCategory,
} from '#hub/canonical/index.ts'
import { valueOf, type EdifactSegment, type SegmentGroup } from '#hub/formats/edifact/index.ts'
import { compact, compactList } from '#mappings/engine/compact.ts'
import { allowanceChargesFrom } from '#mappings/library/parts/edifact-allowances.ts'
import { triggered, type EdifactReading } from '#mappings/library/parts/edifact-reading.ts'

/** One LIN group of ORDERS as a canonical order line; `currency` is the order's. */
export function orderLineFrom(
  edi: EdifactReading,
  group: SegmentGroup,
  currency: string | undefined,
): OrderLine {
  return {
    ...compact<OrderLine>({
      lineItem: lineItemFrom(edi, group, currency),
      documentReference: referencesFrom(edi, group),
    }),
  } as OrderLine
}

function lineItemFrom(
  edi: EdifactReading,
  group: SegmentGroup,
  currency: string | undefined,
): LineItem | undefined {
  const lin = edi.one(group, 'LIN')
  return compact<LineItem>({
    id: edi.text(lin, 1),
    note: compactList(edi.all(group, 'FTX').map((ftx) => edi.lines(ftx, 4, 1, 5))),
    quantity: edi.quantity(group, '21', '1'),
    lineExtensionAmount: edi.amount(group, ['203', '66'], currency),
    totalTaxAmount: edi.amount(group, ['124'], currency),
    price: priceFrom(edi, group, currency),
    delivery: compactList([
      compact({ requestedDeliveryPeriod: edi.deliveryPeriod(group) }),
    ]) as LineItem['delivery'],
    allowanceCharge: allowanceChargesFrom(edi, group, currency),
    item: itemFrom(edi, group, lin),
  })
}

/** The net price: PRI AAA. A gross price (AAB) or one for information is another thing, and stays a note. */
function priceFrom(
  edi: EdifactReading,
  group: SegmentGroup,
  currency: string | undefined,
): LineItem['price'] {
  const inner = group.children.find((child) => child.first('PRI', 'AAA') !== undefined)
  const pri = edi.one(inner, 'PRI', 'AAA')
  const value = edi.decimal(pri, 1, 2)
  if (value === undefined) return undefined
  const basis = edi.decimal(pri, 1, 5)
  return compact<NonNullable<LineItem['price']>>({
    priceAmount: compact({ value, currencyId: currency }) as { value: string },
    baseQuantity:
      basis === undefined
        ? undefined
        : (compact({ value: basis, unitCode: edi.text(pri, 1, 6) }) as { value: string }),
  })
}

function itemFrom(
  edi: EdifactReading,
  group: SegmentGroup,
  lin: EdifactSegment | undefined,
): Item | undefined {
  const numbers = itemNumbers(edi, group, lin)
  const descriptions = edi.all(group, 'IMD')
  const isDescription = (imd: EdifactSegment) => descriptive.has(valueOf(imd, 2).trim())
  const named = descriptions.find((imd) => !isDescription(imd))
  return compact<Item>({
    description: compactList(
      descriptions
        .filter((imd) => imd !== named)
        .map((imd) => edi.lines(imd, 3, 4, 5) ?? edi.text(imd, 3, 1)),
    ),
    name: edi.lines(named, 3, 4, 5) ?? edi.text(named, 3, 1),
    buyersItemIdentification: numbers.buyer,
    sellersItemIdentification: numbers.seller,
    manufacturersItemIdentification: numbers.manufacturer,
    standardItemIdentification: numbers.standard,
    classifiedTaxCategory: taxesFrom(edi, group),
    additionalItemProperty: undefined,
  })
}

/** UN/EDIFACT 7081: the text describes the item, and is not its name. */
const descriptive: ReadonlySet<string> = new Set(['79', 'DSC'])

type NumberOf = 'standard' | 'buyer' | 'seller' | 'manufacturer'

/** UN/EDIFACT 7143. A GTIN is EN (to D.96B), UP or SRV, whatever its length. */
const numberTypes: ReadonlyMap<string, NumberOf> = new Map([
  ['EN', 'standard'],
  ['UP', 'standard'],
  ['SRV', 'standard'],
  ['IN', 'buyer'],
  ['BP', 'buyer'],
  ['SA', 'seller'],
  ['VN', 'seller'],
  ['VP', 'seller'],
  ['MF', 'manufacturer'],
  ['MP', 'manufacturer'],
])

function itemNumbers(
  edi: EdifactReading,
  group: SegmentGroup,
  lin: EdifactSegment | undefined,
): Partial<Record<NumberOf, Identifier>> {
  const numbers: Partial<Record<NumberOf, Identifier>> = {}
  const take = (segment: EdifactSegment, element: number, otherwise: NumberOf | null): boolean => {
    const id = edi.text(segment, element, 1)
    if (id === undefined) return true
    const type = edi.text(segment, element, 2) ?? ''
    const known = numberTypes.get(type)
    const of = known ?? otherwise
    if (of === null || numbers[of] !== undefined) return false
    if (known === undefined) numbers[of] = compact<Identifier>({ id, schemeId: type })!
    else numbers[of] = of === 'standard' ? { id, schemeId: '0160' } : { id }
    return true
  }
  // A number in LIN is what the item is called by, so one of an unknown type (ISBN …) keeps its type as the scheme.
  if (lin && !take(lin, 3, 'standard')) edi.refuse(lin)
  for (const pia of edi.all(group, 'PIA')) {
    let taken = true
    for (let element = 2; element <= pia.elements.length && element <= 6; element++)
      taken = take(pia, element, null) && taken
    if (!taken) edi.refuse(pia)
  }
  return numbers
}

function taxesFrom(edi: EdifactReading, group: SegmentGroup): TaxCategory[] | undefined {
  return compactList(
    triggered(group, 'TAX').map((one) => {
      const tax = edi.one(one, 'TAX', '7')
      const scheme = edi.text(tax, 2, 1)
      return compact<TaxCategory>({
        id: edi.text(tax, 6),
        percent: edi.decimal(tax, 5, 4),
        taxScheme: scheme === undefined ? undefined : { id: scheme },
      })
    }),
  )
}

function referencesFrom(edi: EdifactReading, group: SegmentGroup): DocumentReference[] | undefined {
  return compactList(
    triggered(group, 'RFF').map((one) => {
      const rff = edi.one(one, 'RFF')
      return compact<DocumentReference>({
        id: edi.text(rff, 1, 2),
        issueDate: edi.moment(one, '171')?.date,
        documentTypeCode: edi.text(rff, 1, 1),
        documentType: undefined,
      })
    }),
  )
}
