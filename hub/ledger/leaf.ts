import { canonicalJson } from '#hub/base/canonical-json.ts'

/** What a leaf vouches for: an entry, and its place in its partner's history. Hashes are hexadecimal. */
export interface Leaf {
  id: string
  partner: string | null
  type: string
  transmission: string | null
  document: string | null
  delivery: string | null
  actor: string
  /** UTC with microseconds, e.g. `2026-11-21T23:59:59.000001Z`. */
  at: string
  bodySha256: string
  /** Counts a partner's entries from 1; null where the entry is no partner's. */
  pseq: number | null
  /** The hash of that partner's leaf before this one; null for the first. */
  pprev: string | null
}

/**
 * The leaf's text, whose UTF-8 is its bytes: canonical JSON (RFC 8785) of exactly these eleven members, null where one is
 * empty. Written out member by member, in order: a quarter of the time of the general writer.
 */
export function leafText(leaf: Leaf): string {
  return (
    `{"actor":${JSON.stringify(leaf.actor)},"at":"${leaf.at}","bodySha256":"${leaf.bodySha256}",` +
    `"delivery":${quoted(leaf.delivery)},"document":${quoted(leaf.document)},"id":"${leaf.id}",` +
    `"partner":${quoted(leaf.partner)},"pprev":${quoted(leaf.pprev)},"pseq":${leaf.pseq},` +
    `"transmission":${quoted(leaf.transmission)},"type":${JSON.stringify(leaf.type)}}`
  )
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const sha256 = /^[0-9a-f]{64}$/
const instant = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$/
const members = 'actor,at,bodySha256,delivery,document,id,partner,pprev,pseq,transmission,type'

/** Reads a leaf; null where it is not exactly what `leafText` writes. */
export function readLeaf(text: string): Leaf | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null || Object.keys(value).sort().join(',') !== members)
    return null
  const leaf = value as Leaf
  const shaped =
    fits(leaf.id, uuid) &&
    fits(leaf.at, instant) &&
    fits(leaf.bodySha256, sha256) &&
    typeof leaf.actor === 'string' &&
    typeof leaf.type === 'string' &&
    [leaf.partner, leaf.transmission, leaf.document, leaf.delivery].every(
      (id) => id === null || fits(id, uuid),
    ) &&
    (leaf.pseq === null || (Number.isSafeInteger(leaf.pseq) && leaf.pseq > 0)) &&
    (leaf.pprev === null || fits(leaf.pprev, sha256))
  return shaped && canonicalJson(leaf) === text ? leaf : null
}

function fits(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value)
}

function quoted(value: string | null): string {
  return value === null ? 'null' : `"${value}"`
}
