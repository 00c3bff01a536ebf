import type { CanonicalDocument } from '#hub/model/mapping.ts'

type Members = Record<string, unknown>

/** The value without members and items that hold nothing: undefined, empty texts, objects and lists. */
export function withoutNothing(value: unknown): unknown {
  if (Array.isArray(value)) {
    const kept = value.map(withoutNothing).filter((one) => one !== undefined)
    return kept.length === 0 ? undefined : kept
  }
  if (typeof value !== 'object' || value === null) return value === '' ? undefined : value
  const kept: Members = {}
  let count = 0
  for (const [name, member] of Object.entries(value)) {
    const inner = withoutNothing(member)
    if (inner === undefined) continue
    kept[name] = inner
    count++
  }
  return count === 0 ? undefined : kept
}

/** Amounts that name no currency are in the one of the document. */
export function withCurrency(document: CanonicalDocument): CanonicalDocument {
  const currency = document.documentCurrencyCode
  if (typeof currency !== 'string') return document
  return changed(document, (amount) => ({
    ...amount,
    currencyId: amount.currencyId ?? currency,
  })) as CanonicalDocument
}

/** The other way: amounts in the currency of the document do not name it. */
export function withoutCurrency(document: CanonicalDocument): CanonicalDocument {
  const currency = document.documentCurrencyCode
  if (typeof currency !== 'string') return document
  return changed(document, (amount) => {
    if (amount.currencyId !== currency) return amount
    const { currencyId: _, ...rest } = amount
    return rest
  }) as CanonicalDocument
}

function changed(value: unknown, change: (amount: Members) => Members, name = ''): unknown {
  if (Array.isArray(value)) return value.map((one) => changed(one, change, name))
  if (typeof value !== 'object' || value === null) return value
  // members that are amounts are called so: `amount`, `priceAmount`
  if (/amount$/i.test(name) && 'value' in value) return change(value as Members)
  return Object.fromEntries(
    Object.entries(value).map(([member, of]) => [member, changed(of, change, member)]),
  )
}
