import type { WireIdentity } from '#hub/model/format.ts'
import type { CanonicalDocument } from '#hub/model/mapping.ts'
import type { Identifier, Party } from './parts.ts'
import { isOrder } from './check.ts'

/** Who sends a canonical document to whom, by the first identifier each party has; null where it has none. */
export function partiesOf(document: CanonicalDocument): {
  sender: WireIdentity | null
  receiver: WireIdentity | null
} {
  if (!isOrder(document)) return { sender: null, receiver: null }
  return {
    sender: identityOfParty(document.buyerCustomerParty.party),
    receiver: identityOfParty(document.sellerSupplierParty.party),
  }
}

/** A GLN among its identifiers before any other; the electronic address before the identifications. */
export function identityOfParty(party: Party): WireIdentity | null {
  const identifiers = [party.endpointId, ...(party.partyIdentification ?? [])].filter(
    (found) => found !== undefined,
  )
  const identities = identifiers.map(wireIdentityOf)
  return identities.find((identity) => identity.scheme === 'gln') ?? identities[0] ?? null
}

const glnSchemes = new Set(['0088', 'GLN', 'EAN', '9', '14'])
const dunsSchemes = new Set(['0060', 'DUNS', '1'])

/**
 * An identifier of a document as a name on the wire. An id of thirteen digits with a right check digit and no scheme
 * is taken for a GLN, since nothing else looks like that.
 */
export function wireIdentityOf({ id, schemeId }: Identifier): WireIdentity {
  const scheme = schemeId?.toUpperCase() ?? ''
  if (glnSchemes.has(scheme)) return { scheme: 'gln', value: id }
  if (dunsSchemes.has(scheme)) return { scheme: 'duns', value: id }
  if (schemeId === undefined) return { scheme: isGln(id) ? 'gln' : 'party', value: id }
  return { scheme: `party:${schemeId}`, value: id }
}

/** The identifier that a wire identity is in a document: the way back. */
export function identifierOf({ scheme, value }: WireIdentity): Identifier {
  if (scheme === 'gln') return { id: value, schemeId: '0088' }
  if (scheme === 'duns') return { id: value, schemeId: '0060' }
  if (scheme.startsWith('party:')) return { id: value, schemeId: scheme.slice('party:'.length) }
  return { id: value }
}

/** Thirteen digits whose last is the GS1 check digit of the others. */
export function isGln(id: string): boolean {
  if (!/^\d{13}$/.test(id)) return false
  let sum = 0
  for (let index = 0; index < 12; index++) sum += Number(id[index]) * (index % 2 === 0 ? 1 : 3)
  return (10 - (sum % 10)) % 10 === Number(id[12])
}
