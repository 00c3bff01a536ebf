import { levelA, levelB, type Charset } from './charset.ts'
import { noSeparator, type Separators } from './separators.ts'

/** What a byte does to the scanner. Up to `terminator` the fast path handles it; the rest is for the careful one. */
export const Kind = {
  ordinary: 0,
  component: 1,
  element: 2,
  terminator: 3,
  repetition: 4,
  release: 5,
  /** CR or LF inside a segment, where line ends are layout. */
  lineEnd: 6,
  /** Part of a character that has to be decoded. */
  encoded: 7,
  /** In no character of the charset. */
  faulty: 8,
  /** ASCII, but not in the level's repertoire (small letters under UNOA). */
  outside: 9,
} as const

export interface ByteKinds {
  readonly table: Uint8Array
  readonly separators: Readonly<Separators>
  readonly charset: Charset | null
}

/**
 * The kinds of all 256 bytes under these separators and this charset. Without a charset (it is not known yet) every byte
 * that is no separator is content. `lineEndsAreLayout` overrides the charset's word on line ends.
 */
export function byteKinds(
  separators: Readonly<Separators>,
  charset: Charset | null,
  lineEndsAreLayout = !charset?.lineEnds,
): ByteKinds {
  const table = charset ? characterKinds(charset).slice() : new Uint8Array(256)
  for (const byte of [0x0a, 0x0d]) table[byte] = lineEndsAreLayout ? Kind.lineEnd : Kind.ordinary
  if (separators.repetition !== noSeparator) table[separators.repetition] = Kind.repetition
  if (separators.release !== noSeparator) table[separators.release] = Kind.release
  table[separators.component] = Kind.component
  table[separators.element] = Kind.element
  table[separators.terminator] = Kind.terminator
  return { table, separators, charset }
}

const characterTables = new WeakMap<Charset, Uint8Array>()

/** The kinds of bytes as characters alone; kept, since there are few charsets and many interchanges. */
function characterKinds(charset: Charset): Uint8Array {
  const found = characterTables.get(charset)
  if (found) return found
  const table = Uint8Array.from({ length: 256 }, (_, byte) => kindOf(byte, charset))
  characterTables.set(charset, table)
  return table
}

function kindOf(byte: number, charset: Charset): number {
  if (byte >= 0x80) {
    if (!charset.allows(byte)) return Kind.faulty
    return charset.latin1 ? Kind.ordinary : Kind.encoded
  }
  if (byte === 0x1b && charset.name.startsWith('iso-2022')) return Kind.encoded
  if (byte === 0x09 && charset.lineEnds) return Kind.ordinary
  if (byte < 0x20 || byte === 0x7f) return Kind.faulty
  const character = String.fromCharCode(byte)
  if (charset.repertoire === 'A' && !levelA.test(character)) return Kind.outside
  if (charset.repertoire === 'B' && !levelB.test(character)) return Kind.outside
  return Kind.ordinary
}
