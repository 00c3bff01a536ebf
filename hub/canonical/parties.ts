import type { WireIdentity } from '#hub/model/format.ts'
import type { CanonicalDocument } from '#hub/model/mapping.ts'
import { identityAmong } from '#hub/model/identity.ts'
import type { Party } from './parts.ts'
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
export function identityOfParty({ endpointId, partyIdentification = [] }: Party): WireIdentity | null {
  return identityAmong(endpointId === undefined ? partyIdentification : [endpointId, ...partyIdentification])
}
