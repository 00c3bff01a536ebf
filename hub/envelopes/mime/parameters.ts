/*
 * The values of MIME headers: RFC 2045 §5.1 (type and parameters), RFC 2231 (parameters in pieces and character sets),
 * RFC 2047 (encoded words, seen in file names), RFC 2183 (dispositions).
 */

export interface MimeValue {
  /** The part before the first semicolon, in lower case and without quotes, e.g. `application/edifact`. */
  value: string
  /** By lower-case name; RFC 2231 pieces are put together. The first of a name counts. */
  parameters: ReadonlyMap<string, string>
  /** Names that stand more than once, which is a fault where it decides anything. */
  repeated: readonly string[]
}

/** Reads a header's value. Partners put quotes round the whole of it or blanks round the signs; both are taken (M4). */
export function readMimeValue(text: string): MimeValue {
  const whole = text.trim()
  const inner = /^"[^"]*"$/.test(whole) ? whole.slice(1, -1) : whole
  const [first = '', ...rest] = splitAtSemicolons(inner)
  const raw = new Map<string, string>()
  const repeated: string[] = []
  for (const piece of rest) {
    const equals = piece.indexOf('=')
    if (equals < 0) continue
    const name = piece.slice(0, equals).trim().toLowerCase()
    if (raw.has(name)) repeated.push(name)
    else raw.set(name, unquoted(piece.slice(equals + 1).trim()))
  }
  return { value: unquoted(first.trim()).toLowerCase(), parameters: joined(raw), repeated }
}

/** Splits at `;` outside of quotes. */
function splitAtSemicolons(text: string): string[] {
  if (!text.includes('"')) return text.split(';')
  const pieces: string[] = []
  let start = 0
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]
    if (sign === '\\' && quoted) at += 1
    else if (sign === '"') quoted = !quoted
    else if (sign === ';' && !quoted) {
      pieces.push(text.slice(start, at))
      start = at + 1
    }
  }
  return [...pieces, text.slice(start)]
}

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text
  const end = text.endsWith('"') && text.length > 1 ? -1 : undefined
  return text.slice(1, end).replaceAll(/\\(.)/g, '$1')
}

/** RFC 2231: `name*`, `name*0`, `name*0*` … become `name`. */
function joined(raw: ReadonlyMap<string, string>): Map<string, string> {
  const plain = new Map<string, string>()
  const pieces = new Map<string, { index: number; text: string; encoded: boolean }[]>()
  for (const [name, text] of raw) {
    const match = /^([^*]+)\*(?:(\d{1,3})(\*)?)?$/.exec(name)
    if (match === null) {
      if (!plain.has(name)) plain.set(name, text)
      continue
    }
    const encoded = match[2] === undefined || match[3] !== undefined
    pieces.set(match[1]!, [...(pieces.get(match[1]!) ?? []), { index: Number(match[2] ?? 0), text, encoded }])
  }
  for (const [name, list] of pieces) plain.set(name, decodePieces(list))
  return plain
}

function decodePieces(pieces: { index: number; text: string; encoded: boolean }[]): string {
  const sorted = pieces.toSorted((a, b) => a.index - b.index)
  const charset = sorted[0]!.encoded ? (/^([^']*)'[^']*'/.exec(sorted[0]!.text)?.[1] ?? '') : ''
  const bytes = sorted.map(({ text, encoded }, index) => {
    const own = index === 0 && encoded ? text.replace(/^[^']*'[^']*'/, '') : text
    return encoded ? percentDecoded(own) : Buffer.from(own, 'latin1')
  })
  return decodeCharset(Buffer.concat(bytes), charset)
}

function percentDecoded(text: string): Buffer {
  const escaped = text.replaceAll(/%([0-9a-f]{2})/gi, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(escaped, 'latin1')
}

/** RFC 2047 encoded words in a text become what they mean; what cannot be decoded stays as it is. */
export function decodeWords(text: string): string {
  return text
    .replaceAll(/(=\?[^?]+\?[bq]\?[^?]*\?=)\s+(?==\?)/gi, '$1')
    .replaceAll(
      /=\?([^?*]+)(?:\*[^?]*)?\?([bq])\?([^?]*)\?=/gi,
      (_all, charset: string, kind: string, word: string) => {
        if (kind.toLowerCase() === 'b') return decodeCharset(Buffer.from(word, 'base64'), charset)
        const signs = word
          .replaceAll('_', ' ')
          .replaceAll(/=([0-9a-f]{2})/gi, (_hit, hex: string) =>
            String.fromCharCode(Number.parseInt(hex, 16)),
          )
        return decodeCharset(Buffer.from(signs, 'latin1'), charset)
      },
    )
}

function decodeCharset(bytes: Buffer, charset: string): string {
  try {
    return new TextDecoder(charset === '' ? 'utf-8' : charset).decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}
