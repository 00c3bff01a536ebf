import { isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'

/**
 * The character repertoires of UNB S001 (0001), as bytes to characters and back. Reading scans bytes and decodes only
 * values that hold a byte above 127; so a charset is, for the scanner, what each byte may be.
 *
 * UNOX (ISO 2022) is decoded as ISO-2022-JP, its use in the field. UNOY is taken as UTF-8, as its writers mean it;
 * the two-byte form of ISO 10646 has no user that we know of.
 */
export interface Charset {
  /** WHATWG or IANA name, e.g. `iso-8859-1`. */
  readonly name: string
  /** Levels A and B: only part of ASCII is in the repertoire. */
  readonly repertoire: 'A' | 'B' | null
  /** Whether line ends are content (UTF-8 levels), or only layout. */
  readonly lineEnds: boolean
  /** Whether a byte from 128 on (or, in ISO 2022, an escape) can be part of a character. */
  readonly allows: (byte: number) => boolean
  /** True if the bytes are the first 256 characters of Unicode, so that nothing has to be decoded. */
  readonly latin1: boolean
  /** Whether each byte is a character. */
  readonly singleByte: boolean
  /** Decodes bytes given as a string of one character per byte. Faulty bytes come out as U+FFFD. */
  readonly decode: (bytes: string) => string
  /** Encodes, or returns the index of the first character (UTF-16 unit) that it lacks. */
  readonly encode: (text: string) => Buffer | number
  /** Whether these bytes are whole characters of it; only UTF-8 can say no where `allows` said yes. */
  readonly wellFormed: (bytes: Buffer) => boolean
}

const levels: Readonly<Record<string, string>> = {
  UNOA: 'us-ascii',
  UNOB: 'us-ascii',
  UNOC: 'iso-8859-1',
  UNOD: 'iso-8859-2',
  UNOE: 'iso-8859-5',
  UNOF: 'iso-8859-7',
  UNOG: 'iso-8859-3',
  UNOH: 'iso-8859-4',
  UNOI: 'iso-8859-6',
  UNOJ: 'iso-8859-8',
  UNOK: 'iso-8859-9',
  UNOL: 'iso-8859-15',
  UNOW: 'utf-8',
  UNOX: 'iso-2022-jp',
  UNOY: 'utf-8',
}

const known = new Map<string, Charset>()

/** The charset of a syntax identifier (`UNOC`), or null if it is not one of UNOA to UNOY. */
export function charsetOfLevel(level: string): Charset | null {
  const name = levels[level]
  if (name === undefined) return null
  return remembered(level, () => make(name, level === 'UNOA' ? 'A' : level === 'UNOB' ? 'B' : null))
}

/** The charset with a WHATWG or IANA name, or null if there is none that EDIFACT can be scanned in. */
export function charsetNamed(label: string): Charset | null {
  const name = label.trim().toLowerCase()
  if (/^utf-?16/.test(name)) return null
  if (!decoderFor(name)) return null
  return remembered(`=${name}`, () => make(name, null))
}

/** The characters of level A (ISO 9735-1 annex A): what a value may hold beside the separators. */
export const levelA = /^[A-Z0-9 .,\-()/='+:?!"%&*;<>]*$/

/** Level B adds the small letters; ASCII's other characters (`#@[\]^_`{|}~$`) are in neither. */
export const levelB = /^[A-Za-z0-9 .,\-()/='+:?!"%&*;<>]*$/

function remembered(key: string, create: () => Charset): Charset {
  const found = known.get(key) ?? create()
  known.set(key, found)
  return found
}

function make(name: string, repertoire: Charset['repertoire']): Charset {
  if (name === 'utf-8' || name === 'utf8') return utf8()
  if (/^(iso-?8859-|iso_8859-|latin|windows-|cp125|us-ascii|ascii)/.test(name))
    return singleByte(name, repertoire)
  return multiByte(name)
}

function utf8(): Charset {
  return {
    name: 'utf-8',
    repertoire: null,
    lineEnds: true,
    latin1: false,
    singleByte: false,
    allows: () => true,
    decode: (bytes) => Buffer.from(bytes, 'latin1').toString('utf8'),
    encode: (text) => {
      const lone = firstLoneSurrogate(text)
      return lone >= 0 ? lone : Buffer.from(text, 'utf8')
    },
    wellFormed: (bytes) => isUtf8(bytes),
  }
}

function singleByte(name: string, repertoire: Charset['repertoire']): Charset {
  const characters = upperHalf(name)
  const bytes = new Map<string, number>()
  characters.forEach((character, index) => {
    if (character !== '\ufffd') bytes.set(character, 128 + index)
  })
  return {
    name,
    repertoire,
    lineEnds: false,
    latin1: name === 'iso-8859-1' || name === 'us-ascii',
    singleByte: true,
    allows: (byte) => characters[byte - 128] !== '\ufffd',
    decode: (text) =>
      text.replace(/[\x80-\xff]/g, (byte) => characters[byte.charCodeAt(0) - 128] ?? '\ufffd'),
    encode: (text) => {
      const target = Buffer.allocUnsafe(text.length)
      for (let index = 0; index < text.length; index++) {
        const unit = text.charCodeAt(index)
        const byte = unit < 128 ? unit : bytes.get(text.charAt(index))
        if (byte === undefined) return index
        target[index] = byte
      }
      return target
    },
    wellFormed: () => true,
  }
}

/** Other charsets a profile may name (ISO-2022-JP, GB18030 …): decoded by the platform, ASCII only when writing. */
function multiByte(name: string): Charset {
  const decoder = decoderFor(name) ?? new TextDecoder('utf-8')
  return {
    name,
    repertoire: null,
    lineEnds: false,
    latin1: false,
    singleByte: false,
    allows: () => true,
    decode: (bytes) => decoder.decode(Buffer.from(bytes, 'latin1')),
    encode: (text) => {
      const index = text.search(/[^\0-\x7f]/)
      return index >= 0 ? index : Buffer.from(text, 'latin1')
    },
    wellFormed: (bytes) => !decoder.decode(bytes).includes('\ufffd'),
  }
}

/**
 * The characters of bytes 128 to 255. The platform's tables for 8859-1 and 8859-9 are those of Windows (WHATWG); the ISO
 * ones have control characters in 128 to 159, which are in no repertoire of ISO 9735.
 */
function upperHalf(name: string): string[] {
  const all = Array.from({ length: 128 }, (_, index) => 128 + index)
  if (name === 'us-ascii' || name === 'ascii') return all.map(() => '\ufffd')
  const decoder = decoderFor(name) ?? new TextDecoder('windows-1252')
  const iso = !/^(windows-|cp125)/.test(name)
  return all.map((byte) => (iso && byte < 160 ? '\ufffd' : decoder.decode(Uint8Array.of(byte))))
}

function decoderFor(name: string): TextDecoder | null {
  try {
    return new TextDecoder(name)
  } catch {
    return null
  }
}

function firstLoneSurrogate(text: string): number {
  if (text.isWellFormed()) return -1
  return text.search(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/)
}
