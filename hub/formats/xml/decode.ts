/**
 * Bytes to text after XML 1.0 appendix F and SECURITY's short list: UTF-8, UTF-16, ISO-8859-1, ISO-8859-15.
 * The byte-order mark, the declaration and the bytes have to agree; everything else is refused by name.
 */
export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'iso-8859-1' | 'iso-8859-15'

/** How the text of a file comes out of its bytes, or why it does not. */
export type Detected = { encoding: Encoding; bomBytes: number } | { refused: string }

/** Bytes to look at before deciding: a declaration is no longer than this. */
export const declarationBytesMax = 1024

/**
 * Finds the encoding from the first bytes of a file. `override` is what the partner's profile says; it wins over the
 * declaration, but not over a byte-order mark.
 */
export function detectEncoding(head: Buffer, override?: string): Detected {
  const mark = markOf(head)
  if ('refused' in mark) return mark
  if (override !== undefined) return withOverride(mark, override)
  const declared = declaredEncoding(head, mark.family)
  if (declared === null)
    return { encoding: mark.family === 'ascii' ? 'utf-8' : mark.family, bomBytes: mark.bomBytes }
  return agreed(mark, declared)
}

/** Decodes chunk by chunk and refuses what the encoding does not have. */
export class TextSource {
  readonly #encoding: Encoding
  readonly #decoder: InstanceType<typeof TextDecoder> | null

  constructor(encoding: Encoding) {
    this.#encoding = encoding
    // WHATWG's "iso-8859-1" is windows-1252, which makes € of a byte that ISO 8859-1 does not give to €.
    this.#decoder =
      encoding === 'iso-8859-1' ? null : new TextDecoder(encoding, { fatal: true, ignoreBOM: true })
  }

  /** The text that a chunk completes; null if its bytes are not in the encoding. */
  decode(chunk: Buffer, last: boolean): string | null {
    if (this.#decoder === null) return chunk.toString('latin1')
    try {
      return this.#decoder.decode(chunk, { stream: !last })
    } catch {
      return null
    }
  }

  /** How many bytes a text takes in the file. */
  bytesOf(text: string): number {
    if (this.#encoding === 'utf-8') return Buffer.byteLength(text, 'utf8')
    return this.#encoding.startsWith('utf-16') ? text.length * 2 : text.length
  }
}

type Family = 'ascii' | 'utf-8' | 'utf-16le' | 'utf-16be'
type Mark = { family: Family; bomBytes: number }

function markOf(head: Buffer): Mark | { refused: string } {
  const first = head.subarray(0, 4).toString('hex')
  if (first === '0000feff' || first === 'fffe0000' || first === '0000003c' || first === '3c000000')
    return { refused: 'UTF-32 is not read' }
  if (first === '4c6fa794') return { refused: 'EBCDIC is not read' }
  if (first.startsWith('efbbbf')) return { family: 'utf-8', bomBytes: 3 }
  if (first.startsWith('feff')) return { family: 'utf-16be', bomBytes: 2 }
  if (first.startsWith('fffe')) return { family: 'utf-16le', bomBytes: 2 }
  if (first.startsWith('003c')) return { family: 'utf-16be', bomBytes: 0 }
  if (first.startsWith('3c00')) return { family: 'utf-16le', bomBytes: 0 }
  return { family: 'ascii', bomBytes: 0 }
}

function declaredEncoding(head: Buffer, family: Family): string | null {
  const text = headText(head, family)
  const declaration = /^\uFEFF?<\?xml\s[^>]*?\bencoding\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')/.exec(text)
  return declaration ? (declaration[1] ?? declaration[2] ?? '') : null
}

function headText(head: Buffer, family: Family): string {
  const bytes = head.subarray(0, declarationBytesMax)
  if (family === 'utf-8') return bytes.subarray(3).toString('latin1')
  if (family === 'ascii') return bytes.toString('latin1')
  const even = Buffer.from(bytes.subarray(0, bytes.length & ~1))
  return (family === 'utf-16be' ? even.swap16() : even).toString('utf16le')
}

function agreed(mark: Mark, declared: string): Detected {
  const name = known(declared)
  if (name === null) return { refused: `the declared encoding ${shown(declared)} is not read` }
  const wide = mark.family === 'utf-16le' || mark.family === 'utf-16be'
  if (wide) {
    if (name === 'utf-16' || name === mark.family)
      return { encoding: mark.family as Encoding, bomBytes: mark.bomBytes }
    return {
      refused: `the bytes are ${mark.family.toUpperCase()}, but the declaration says ${shown(declared)}`,
    }
  }
  if (name === 'utf-16' || name === 'utf-16le' || name === 'utf-16be')
    return { refused: `the declaration says ${shown(declared)}, but the bytes are not` }
  if (mark.family === 'utf-8' && name !== 'utf-8')
    return { refused: `the byte-order mark says UTF-8, but the declaration says ${shown(declared)}` }
  return { encoding: name, bomBytes: mark.bomBytes }
}

function withOverride(mark: Mark, override: string): Detected {
  const name = known(override)
  if (name === null) return { refused: `the charset ${shown(override)} of the profile is not read` }
  if (mark.family !== 'ascii' || name === 'utf-16') return agreed(mark, override)
  return { encoding: name, bomBytes: 0 }
}

const names: Readonly<Record<string, Encoding | 'utf-16'>> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  'us-ascii': 'utf-8',
  ascii: 'utf-8',
  'utf-16': 'utf-16',
  'utf-16le': 'utf-16le',
  'utf-16be': 'utf-16be',
  'iso-8859-1': 'iso-8859-1',
  'iso8859-1': 'iso-8859-1',
  latin1: 'iso-8859-1',
  'iso-8859-15': 'iso-8859-15',
  'latin-9': 'iso-8859-15',
}

function known(name: string): Encoding | 'utf-16' | null {
  const lower = name.toLowerCase()
  return Object.hasOwn(names, lower) ? names[lower]! : null
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 40))
}
