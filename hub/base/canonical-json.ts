/**
 * JSON with members sorted by name and no blanks (RFC 8785 for the values the hub writes: strings, safe integers,
 * booleans, null, arrays, objects). Two equal values give equal bytes, so they can be hashed.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('canonical JSON has no infinite numbers')
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) return arrayJson(value)
  if (typeof value === 'object') return objectJson(value as Record<string, unknown>)
  throw new TypeError(`canonical JSON has no ${typeof value}`)
}

function arrayJson(items: readonly unknown[]): string {
  let json = '['
  for (let index = 0; index < items.length; index++) {
    if (index > 0) json += ','
    json += canonicalJson(items[index] ?? null)
  }
  return `${json}]`
}

function objectJson(object: Record<string, unknown>): string {
  let json = ''
  for (const { name, quotedName } of kindOf(Object.keys(object)).members) {
    const member = object[name]
    if (member === undefined) continue
    json += (json === '' ? quotedName : `,${quotedName}`) + canonicalJson(member)
  }
  return `{${json}}`
}

interface Member {
  name: string
  /** With the colon behind it. */
  quotedName: string
}

/** Objects with the same names in the same order. */
interface Kind {
  names: readonly string[]
  /** In the order of the code units of their names, which is how `sort` compares. */
  members: Member[]
  /** The kind that came after this one when it came last: lists and documents repeat themselves. */
  next: Kind | null
}

/** Names in the order in which an object has them, one a step. */
interface Shape {
  further: Map<string, Shape>
  kind: Kind | null
}

const shapes: Shape = { further: new Map(), kind: null }
/** So many steps are kept, so that the members of a kind are sorted once. */
const shapesMost = 10_000
let shapesKept = 0
let latest: Kind = { names: [], members: [], next: null }

function kindOf(names: string[]): Kind {
  const foretold = latest.next
  latest = foretold !== null && isSame(foretold.names, names) ? foretold : lookedUp(names)
  return latest
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false
  return true
}

function lookedUp(names: string[]): Kind {
  let shape = shapes
  for (let index = 0; index < names.length; index++) {
    let further = shape.further.get(names[index]!)
    if (further === undefined) {
      if (shapesKept >= shapesMost) return { names, members: sorted(names), next: null }
      shapesKept++
      further = { further: new Map(), kind: null }
      shape.further.set(names[index]!, further)
    }
    shape = further
  }
  const kind = (shape.kind ??= { names, members: sorted(names), next: null })
  latest.next = kind
  return kind
}

function sorted(names: readonly string[]): Member[] {
  return names.toSorted().map((name) => ({ name, quotedName: `${quoted(name)}:` }))
}

function quoted(text: string): string {
  return escaped.test(text) ? JSON.stringify(text) : `"${text}"`
}

/** Whatever JSON escapes, halves of pairs among it: most texts have none of it. */
// oxlint-disable-next-line no-control-regex -- these are the characters that are escaped
const escaped = /["\\\u0000-\u001F\uD800-\uDFFF]/
