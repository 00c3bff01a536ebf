import { defaultSeparators, levelBSeparators, separatorsOf, type Separators } from './separators.ts'

/** Where an interchange begins and how it is separated; or what else the bytes are. */
export type Start =
  | { kind: 'interchange'; from: number; headerAt: number; separators: Separators; advised: boolean }
  /** More bytes are needed to tell. `from` is the first that matters. */
  | { kind: 'wait'; from: number }
  /** No interchange begins here: see `nextCandidate`. */
  | { kind: 'garbage'; from: number }

/**
 * Looks for the beginning of an interchange at `from`, past blanks and byte-order marks: UNA with its six characters
 * whatever they are, or a header segment. A message without an envelope (UNH first) counts as one, to be read with a
 * finding. `final` says that no bytes follow.
 */
export function findStart(bytes: Buffer, from: number, final: boolean): Start {
  const at = skipPadding(bytes, from)
  if (at >= bytes.length) return { kind: 'wait', from: at }
  if (bytes.length - at < unaLength && !final) return { kind: 'wait', from: at }
  if (startsWith(bytes, at, 'UNA')) return advised(bytes, at, final)
  const separators = impliedSeparators(bytes, at)
  if (separators === null) return { kind: 'garbage', from: at }
  if (!final && !decidesLineEnds(bytes, at)) return { kind: 'wait', from: at }
  const terminator = isLineTerminated(bytes, at) ? lineFeed : separators.terminator
  const found = { ...separators, terminator }
  return { kind: 'interchange', from: at, headerAt: at, separators: found, advised: false }
}

/** Whether an interchange may begin at `at`, inside another: the test at each segment boundary. */
export function startsInterchange(bytes: Buffer, at: number, element: number): boolean {
  if (bytes[at] !== 0x55) return false
  if (startsWith(bytes, at, 'UNA')) return bytes.length > at + 3 && !isAlphanumeric(bytes[at + 3]!)
  if (startsWith(bytes, at, 'UNB') || startsWith(bytes, at, 'UIB')) {
    return bytes[at + 3] === element || bytes[at + 3] === 0x2b
  }
  return false
}

/**
 * Where the next interchange may begin in garbage, behind `from`: only after a line end or a terminator, never within
 * text. The length if there is none, the index of what may become one where too few bytes are left to tell.
 */
export function nextCandidate(bytes: Buffer, from: number, final: boolean): number {
  for (let at = bytes.indexOf('U', from + 1); at >= 0; at = bytes.indexOf('U', at + 1)) {
    const before = bytes[at - 1]!
    if (before > 0x20 && before !== defaultSeparators.terminator) continue
    if (at + 4 > bytes.length) return final ? bytes.length : at
    if (startsInterchange(bytes, at, defaultSeparators.element)) return at
  }
  return bytes.length
}

/**
 * Whether a file that begins so is EDIFACT, to read or at least to say what is wrong with it: an interchange, a message
 * without one, or a UNA followed by whatever.
 */
export function looksLikeEdifact(head: Buffer): boolean {
  const start = findStart(head, 0, true)
  return start.kind === 'interchange' || (start.kind === 'garbage' && startsWith(head, start.from, 'UNA'))
}

const unaLength = 9
const lineFeed = 0x0a
/** How far the first segment's end is looked for before deciding what ends segments. */
const lineEndLookahead = 4096
const firstTags = ['UNB', 'UIB', 'UNH', 'UNG']

function advised(bytes: Buffer, at: number, final: boolean): Start {
  if (bytes.length < at + unaLength) return { kind: 'garbage', from: at }
  const separators = separatorsOf(bytes.toString('latin1', at + 3, at + unaLength))
  const headerAt = skipPadding(bytes, at + unaLength)
  if (bytes.length - headerAt < 4 && !final) return { kind: 'wait', from: at }
  const isHeader = firstTags.some((tag) => startsWith(bytes, headerAt, tag))
  if (!isHeader || bytes[headerAt + 3] !== separators.element) {
    return { kind: 'garbage', from: at }
  }
  return { kind: 'interchange', from: at, headerAt, separators, advised: true }
}

/** Without a UNA the byte behind the first tag tells level A (`+`) from level B (IS3). */
function impliedSeparators(bytes: Buffer, at: number): Readonly<Separators> | null {
  if (!firstTags.some((tag) => startsWith(bytes, at, tag))) return null
  if (bytes[at + 3] === defaultSeparators.element) return defaultSeparators
  return bytes[at + 3] === levelBSeparators.element ? levelBSeparators : null
}

/**
 * Some senders end segments with nothing but a line end and announce no UNA: told by two lines in a row that end so
 * before the first terminator of level A.
 */
function isLineTerminated(bytes: Buffer, at: number): boolean {
  const head = bytes.toString('latin1', at, at + lineEndLookahead)
  return /^U[NI][A-Z]\+[^'\r\n]*\r?\n[A-Z][A-Z0-9]{2}\+[^'\r\n]*\r?\n([A-Z][A-Z0-9]{2}[+:\r\n]|$)/.test(head)
}

function decidesLineEnds(bytes: Buffer, at: number): boolean {
  if (bytes.length - at >= lineEndLookahead) return true
  const apostrophe = bytes.indexOf(defaultSeparators.terminator, at)
  return apostrophe >= 0 || bytes[at + 3] === levelBSeparators.element
}

/** Past blanks, line ends, NUL, end-of-file marks and UTF-8 byte-order marks. */
function skipPadding(bytes: Buffer, from: number): number {
  let at = from
  for (;;) {
    if (bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) at += 3
    else if (at < bytes.length && isPadding(bytes[at]!)) at++
    else return at
  }
}

function isPadding(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0x00 || byte === 0x1a
}

function startsWith(bytes: Buffer, at: number, tag: string): boolean {
  return (
    bytes[at] === tag.charCodeAt(0) &&
    bytes[at + 1] === tag.charCodeAt(1) &&
    bytes[at + 2] === tag.charCodeAt(2)
  )
}

function isAlphanumeric(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)
}
