import type { Address, Contact, Delivery, Identifier, Party, PartyRole } from '#hub/canonical/index.ts'
import type { EdifactSegment, SegmentGroup } from '#hub/formats/edifact/index.ts'
import { compact, compactList } from '#mappings/engine/compact.ts'
import type { EdifactReading } from './edifact-reading.ts'
import { strict, type EdifactWriting } from './edifact-writing.ts'

/*
 * A party in EDIFACT is a NAD with the RFF, CTA and COM of its group; here from and to canonical.
 * NAD: 3035 qualifier, C082 identification, C058 lines, C080 name, C059 street, 3164 city, 3229 region, 3251 postcode,
 * 3207 country.
 */

export function partyRoleFrom(edi: EdifactReading, group: SegmentGroup | undefined): PartyRole | undefined {
  if (group === undefined) return undefined
  return compact<PartyRole>({
    supplierAssignedAccountId: reference(edi, group, 'IT'),
    customerAssignedAccountId: reference(edi, group, 'IA'),
    party: partyFrom(edi, group),
  })
}

/** The delivery party: the place by its number, the name and the address. */
export function deliveryPlaceFrom(
  edi: EdifactReading,
  group: SegmentGroup | undefined,
): Pick<Delivery, 'deliveryLocation' | 'deliveryAddress' | 'deliveryParty'> {
  if (group === undefined) return {}
  const { partyIdentification, postalAddress, ...party } = partyFrom(edi, group) ?? {}
  return {
    deliveryLocation: partyIdentification?.[0],
    deliveryAddress: postalAddress,
    deliveryParty: compact<Party>({ ...none, ...party }),
  }
}

/** Writes NAD and what belongs to it. Nothing where the party says nothing. */
export function addParty(edi: EdifactWriting, qualifier: string, role: PartyRole | undefined): void {
  if (role === undefined) return
  addNameAndAddress(edi, qualifier, role.party)
  addReference(edi, 'VA', role.party.partyTaxScheme?.[0]?.companyId)
  addReference(edi, 'XA', role.party.partyLegalEntity?.[0]?.companyId?.id)
  addReference(edi, 'IT', role.supplierAssignedAccountId)
  addReference(edi, 'IA', role.customerAssignedAccountId)
  addContact(edi, role.party.contact)
}

/** The delivery place as the party that canonical orders spread over location, address and party. */
export function addDeliveryPlace(
  edi: EdifactWriting,
  qualifier: string,
  delivery: Delivery | undefined,
): void {
  const { deliveryLocation, deliveryAddress, deliveryParty } = delivery ?? {}
  if (!deliveryLocation && !deliveryAddress && !deliveryParty) return
  const party = compact<Party>({
    ...none,
    ...deliveryParty,
    partyIdentification: deliveryLocation ? [deliveryLocation] : deliveryParty?.partyIdentification,
    postalAddress: deliveryAddress ?? deliveryParty?.postalAddress,
  })
  addParty(edi, qualifier, { party: party ?? {} })
}

function partyFrom(edi: EdifactReading, group: SegmentGroup): Party | undefined {
  const nad = edi.one(group, 'NAD')
  const vat = reference(edi, group, 'VA')
  const registration = reference(edi, group, 'XA')
  return compact<Party>({
    endpointId: undefined,
    partyIdentification: compactList([identifierFrom(edi, nad)]),
    partyName: compactList([compact({ name: edi.lines(nad, 4, 1, 5) })]) as Party['partyName'],
    postalAddress: addressFrom(edi, nad),
    partyTaxScheme: vat === undefined ? undefined : [{ companyId: vat, taxScheme: { id: 'VAT' } }],
    partyLegalEntity: registration === undefined ? undefined : [{ companyId: { id: registration } }],
    contact: contactFrom(edi, group),
  })
}

function identifierFrom(edi: EdifactReading, nad: EdifactSegment | undefined): Identifier | undefined {
  const id = edi.text(nad, 2, 1)
  if (id === undefined) return undefined
  const agency = edi.text(nad, 2, 3)
  return compact<Identifier>({ id, schemeId: agency === undefined ? undefined : (schemes[agency] ?? agency) })
}

function addressFrom(edi: EdifactReading, nad: EdifactSegment | undefined): Address | undefined {
  const lines = [1, 2, 3, 4, 5].map((component) => edi.text(nad, 3, component))
  const further = [3, 4].map((component) => edi.text(nad, 5, component))
  return compact<Address>({
    ...noAddress,
    streetName: edi.text(nad, 5, 1),
    additionalStreetName: edi.text(nad, 5, 2),
    addressLine: compactList([...lines, ...further])?.map((line) => ({ line })),
    cityName: edi.text(nad, 6),
    countrySubentity: edi.text(nad, 7),
    postalZone: edi.text(nad, 8),
    country: compact({ identificationCode: edi.text(nad, 9) }),
  })
}

function contactFrom(edi: EdifactReading, group: SegmentGroup): Contact | undefined {
  const inner = group.children.find((child) => child.segments[0]?.tag === 'CTA')
  if (inner === undefined) return undefined
  const cta = edi.one(inner, 'CTA')
  const numbers = new Map<string | undefined, string | undefined>()
  for (const com of edi.all(inner, 'COM')) {
    const means = edi.text(com, 1, 2)
    if (means !== undefined && means in reachable && !numbers.has(means))
      numbers.set(means, edi.text(com, 1, 1))
    else edi.refuse(com)
  }
  return compact<Contact>({
    id: edi.text(cta, 2, 1),
    name: edi.text(cta, 2, 2),
    telephone: numbers.get('TE'),
    telefax: numbers.get('FX'),
    electronicMail: numbers.get('EM'),
  })
}

function reference(edi: EdifactReading, group: SegmentGroup, qualifier: string): string | undefined {
  const inner = group.children.find((child) => child.first('RFF', qualifier) !== undefined)
  return edi.text(edi.one(inner, 'RFF', qualifier), 1, 2)
}

function addNameAndAddress(edi: EdifactWriting, qualifier: string, party: Party): void {
  const address = party.postalAddress
  edi.add(
    'NAD',
    qualifier,
    identification(party),
    null,
    edi.lines(party.partyName?.[0]?.name ?? party.partyLegalEntity?.[0]?.registrationName, 35, 5),
    [
      edi.text(address?.streetName, 35),
      edi.text(address?.additionalStreetName, 35),
      edi.text(address?.addressLine?.[0]?.line, 35),
    ],
    edi.text(address?.cityName, 35),
    edi.text(address?.countrySubentity, 9),
    strict(address?.postalZone, 9, 'postcode'),
    strict(address?.country?.identificationCode, 3, 'country'),
  )
}

/** A GLN before any other number of the party. */
function identification(party: Party): (string | undefined)[] | null {
  const all = [...(party.partyIdentification ?? []), ...(party.endpointId ? [party.endpointId] : [])]
  const chosen = all.find((one) => one.schemeId === '0088') ?? all[0]
  if (chosen === undefined) return null
  const agency = chosen.schemeId === undefined ? undefined : (agencies[chosen.schemeId] ?? chosen.schemeId)
  const fitting = agency !== undefined && agency.length <= 3 ? agency : undefined
  return [strict(chosen.id, 35, 'party number'), undefined, fitting]
}

function addReference(edi: EdifactWriting, qualifier: string, value: string | undefined): void {
  if (value !== undefined) edi.add('RFF', [qualifier, strict(value, 35, 'reference')])
}

function addContact(edi: EdifactWriting, contact: Contact | undefined): void {
  if (contact === undefined) return
  edi.add('CTA', 'OC', [strict(contact.id, 17, 'contact'), edi.text(contact.name, 35)])
  for (const [means, number] of [
    ['TE', contact.telephone],
    ['FX', contact.telefax],
    ['EM', contact.electronicMail],
  ]) {
    // An address with other characters would be another address.
    if (number !== undefined && edi.text(number, 512) === number) edi.add('COM', [number, means])
  }
}

/** UN/EDIFACT 3055 to ISO 6523; others stay what they are. */
const schemes: Readonly<Record<string, string>> = { '9': '0088', '16': '0060' }
const agencies: Readonly<Record<string, string>> = { '0088': '9', '0060': '16' }

/** UN/EDIFACT 3155, as far as a contact has a member for it. */
const reachable: Readonly<Record<string, true>> = { TE: true, FX: true, EM: true }

const none = {
  endpointId: undefined,
  partyIdentification: undefined,
  partyName: undefined,
  postalAddress: undefined,
  partyTaxScheme: undefined,
  partyLegalEntity: undefined,
  contact: undefined,
}

const noAddress = {
  id: undefined,
  postbox: undefined,
  buildingNumber: undefined,
  department: undefined,
}
