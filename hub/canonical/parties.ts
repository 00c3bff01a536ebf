import type { WireIdentity } from '#hub/model/format.ts'
import { canonicalParties, type CanonicalDocument } from '#hub/model/mapping.ts'
import { identityAmong } from '#hub/model/identity.ts'
import type { Party, PartyRole } from './parts.ts'

/** Who sends a canonical document to whom, by the first identifier each party has; null where it has none. */
export function partiesOf(document: CanonicalDocument): {
  sender: WireIdentity | null
  receiver: WireIdentity | null
} {
  const { sender, receiver } = canonicalParties[document.type]
  return { sender: identityIn(document, sender), receiver: identityIn(document, receiver) }
}

function identityIn(document: CanonicalDocument, members: readonly string[]): WireIdentity | null {
  for (const member of members) {
    const role = document[member] as PartyRole | undefined
    const identity = role === undefined ? null : identityOfParty(role.party)
    if (identity !== null) return identity
  }
  return null
}

/** A GLN among its identifiers before any other; the electronic address before the identifications. */
export function identityOfParty({ endpointId, partyIdentification = [] }: Party): WireIdentity | null {
  return identityAmong(endpointId === undefined ? partyIdentification : [endpointId, ...partyIdentification])
}
