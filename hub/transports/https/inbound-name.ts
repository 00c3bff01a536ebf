import { limits } from '#hub/base/limits.ts'

/**
 * The file name of a Content-Disposition header (RFC 6266), as data only: no folders, no control or direction-changing
 * characters, at most 255 characters. `filename*` (RFC 8187) goes before `filename`. Null where there is no usable name.
 */
export function fileNameOf(header: string | undefined): string | null {
  if (header === undefined) return null
  const parameters = parametersOf(header)
  const extended = parameters.get('filename*')
  const name =
    (extended === undefined ? null : decodeExtended(extended)) ?? decodePlain(parameters.get('filename'))
  return name === null ? null : clean(name)
}

/** Parameters by lower-case name; the first of two equal ones counts. */
function parametersOf(header: string): Map<string, string> {
  const found = new Map<string, string>()
  const parameter = /;\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/g
  for (const [, name, quoted, token] of header.matchAll(parameter)) {
    const key = name!.toLowerCase()
    if (!found.has(key)) found.set(key, quoted?.replace(/\\(.)/g, '$1') ?? token!)
  }
  return found
}

/** `charset'language'percent-encoded` (RFC 8187 §3.2.1). */
function decodeExtended(value: string): string | null {
  const match = /^(utf-8|iso-8859-1)'[^']*'((?:%[0-9a-f]{2}|[^%])*)$/i.exec(value)
  if (match === null) return null
  const bytes = Buffer.from(
    match[2]!.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
  return match[1]!.toLowerCase() === 'utf-8' ? utf8(bytes) : bytes.toString('latin1')
}

/** Headers come as ISO 8859-1; what many clients put there is UTF-8. */
function decodePlain(value: string | undefined): string | null {
  if (value === undefined) return null
  return utf8(Buffer.from(value, 'latin1')) ?? value
}

function utf8(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

function clean(name: string): string | null {
  const last = name.split(/[/\\]/).at(-1)!
  const visible = last
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
    .normalize('NFC')
    .trim()
  if (visible === '' || visible === '.' || visible === '..') return null
  return [...visible].slice(0, limits.fileNameLength).join('')
}
