import type { PartnerId } from '#hub/model/ids.ts'
import { absent, compare } from '../change.ts'
import type { PartnerDocument, Placed } from '../files.ts'
import { identityIdOf, identityName, type Planning } from '../planning.ts'
import type { IdentityRow } from '../store/configuration.ts'
import { writeIdentity } from '../store/write.ts'

/** Plans the identities of one partner. */
export function planIdentities(planning: Planning, document: Placed<PartnerDocument>): void {
  const partner = document.value
  const partnerId = planning.partners.get(partner.key)!
  const named = new Set<string>()
  for (const [index, wanted] of partner.identities.entries()) {
    const name = identityName(partner.key, wanted)
    if (named.has(name)) {
      planning.problems.push(document.problem(['identities', index, 'value'], 'stands here twice'))
      continue
    }
    named.add(name)
    const before = planning.identities.get(name)
    const row: IdentityRow = {
      id: before?.id ?? identityIdOf(partner.key, wanted),
      partnerId,
      scheme: wanted.scheme,
      value: wanted.value,
      internal: wanted.internal ?? '',
      internalSub: wanted.internalSub ?? '',
      env: wanted.env,
      from: wanted.from ?? null,
      until: wanted.until ?? null,
    }
    const facts = { before: before === undefined ? null : factsOf(before), after: factsOf(row) }
    planning.changes.push(
      compare(
        {
          kind: 'identity',
          key: name,
          partnerId,
          env: wanted.env,
          origin: { document, path: ['identities', index] },
        },
        facts,
        (client) => writeIdentity(client, row),
      ),
    )
    planning.identities.set(name, row)
  }
  planAbsent(planning, { partner, partnerId, named })
}

/** Finds names that two partners would have at one time; asked once all identities are planned. */
export function checkOwners(planning: Planning): void {
  const owners = new Map<string, IdentityRow[]>()
  for (const row of planning.identities.values()) {
    const name = identityName('', row)
    owners.set(name, [...(owners.get(name) ?? []), row])
  }
  const keys = new Map([...planning.partners].map(([key, id]) => [id, key]))
  for (const document of planning.documents.partners) {
    const own = planning.partners.get(document.value.key)
    for (const [index, identity] of document.value.identities.entries()) {
      const wanted = planning.identities.get(identityName(document.value.key, identity))
      const other = (owners.get(identityName('', identity)) ?? []).find(
        (row) => wanted !== undefined && row.partnerId !== own && overlaps(row, wanted),
      )
      if (other === undefined) continue
      const message = `${identity.scheme} ${identity.value} belongs to partner \`${keys.get(other.partnerId) ?? ''}\` at that time; give that one an \`until\` and this one a \`from\``
      planning.problems.push(document.problem(['identities', index, 'value'], message))
    }
  }
}

function planAbsent(
  planning: Planning,
  of: { partner: PartnerDocument; partnerId: PartnerId; named: Set<string> },
): void {
  for (const [name, row] of planning.identities)
    if (row.partnerId === of.partnerId && !of.named.has(name))
      planning.changes.push(absent({ kind: 'identity', key: name, partnerId: of.partnerId }))
}

function overlaps(a: IdentityRow, b: IdentityRow): boolean {
  return before(a.from, b.until) && before(b.from, a.until)
}

function before(from: Date | null, until: Date | null): boolean {
  return from === null || until === null || from < until
}

function factsOf(row: IdentityRow): Record<string, unknown> {
  const { scheme, value, internal, internalSub, env, from, until } = row
  const sub = internalSub === '' ? {} : { internalSub }
  return { scheme, value, internal, ...sub, env, from, until }
}
