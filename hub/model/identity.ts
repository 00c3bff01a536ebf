import type { WireIdentity } from './format.ts'

/** A number of a party inside a document, with its scheme: an ISO 6523 ICD (`0088` GLN), or whatever stands there. */
export interface PartyNumber {
  id: string
  schemeId?: string | undefined
}

/** The name on the wire among a party's numbers: a GLN before any other; null where it has none. */
export function identityAmong(numbers: readonly PartyNumber[]): WireIdentity | null {
  const identities = numbers.map(wireIdentityOf)
  return identities.find((identity) => identity.scheme === 'gln') ?? identities[0] ?? null
}

const glnSchemes = new Set(['0088', 'GLN', 'EAN', '9', '14'])
const dunsSchemes = new Set(['0060', 'DUNS', '1'])

/**
 * A number of a document as a name on the wire. An id of thirteen digits with a right check digit and no scheme is
 * taken for a GLN, since nothing else looks like that.
 */
export function wireIdentityOf({ id, schemeId }: PartyNumber): WireIdentity {
  const scheme = schemeId?.toUpperCase() ?? ''
  if (glnSchemes.has(scheme)) return { scheme: 'gln', value: id }
  if (dunsSchemes.has(scheme)) return { scheme: 'duns', value: id }
  if (schemeId === undefined) return { scheme: isGln(id) ? 'gln' : 'party', value: id }
  return { scheme: `party:${schemeId}`, value: id }
}

/** Thirteen digits whose last is the GS1 check digit of the others. */
export function isGln(id: string): boolean {
  if (!/^\d{13}$/.test(id)) return false
  let sum = 0
  for (let index = 0; index < 12; index++) sum += Number(id[index]) * (index % 2 === 0 ? 1 : 3)
  return (10 - (sum % 10)) % 10 === Number(id[12])
}
