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

/** Members go by the code units of their names, which is how `sort` compares. */
function objectJson(object: Record<string, unknown>): string {
  let json = ''
  for (const name of Object.keys(object).sort()) {
    const member = object[name]
    if (member === undefined) continue
    json += `${json === '' ? '' : ','}${quoted(name)}:${canonicalJson(member)}`
  }
  return `{${json}}`
}

function quoted(text: string): string {
  return escaped.test(text) ? JSON.stringify(text) : `"${text}"`
}

/** Whatever JSON escapes, halves of pairs among it: most texts have none of it. */
// oxlint-disable-next-line no-control-regex -- these are the characters that are escaped
const escaped = /["\\\u0000-\u001F\uD800-\uDFFF]/
