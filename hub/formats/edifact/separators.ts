/**
 * The service characters of an interchange: ISO 9735-1 clause 7 and annex A, and the service string advice UNA.
 *
 *     U N A :          +        .        ?        *           '
 *     tag   component  element  decimal  release  repetition  terminator      nine characters, nothing between them
 *
 * As byte values. `release` and `repetition` are -1 where there is none: a space in the UNA, or syntax below version 4,
 * where the repetition position is reserved and its character is content whatever stands there.
 */
export interface Separators {
  component: number
  element: number
  decimal: number
  release: number
  repetition: number
  terminator: number
}

/** The release character or repetition separator that an interchange does not have. */
export const noSeparator = -1

const space = 0x20
const decimalMarks = '.,'

/** What holds without a UNA (level A). Repetition is `*` from syntax version 4 on. */
export const defaultSeparators: Readonly<Separators> = separatorsOf(":+.?*'")

/** Level B's own characters IS1, IS3 and IS4, recognised by the byte after UNB. It has no release character. */
export const levelBSeparators: Readonly<Separators> = separatorsOf('\x1f\x1d. \x20\x1c')

/**
 * Separators from the six characters of a UNA, in its order. Takes them as they are: see `separatorFault`.
 */
export function separatorsOf(six: string): Separators {
  const [component = 0, element = 0, decimal = 0, release = 0, repetition = 0, terminator = 0] = Array.from(
    six,
    (character) => character.charCodeAt(0),
  )
  return {
    component,
    element,
    decimal,
    release: release === space ? noSeparator : release,
    repetition: repetition === space ? noSeparator : repetition,
    terminator,
  }
}

export interface SeparatorFault {
  /** UN/EDIFACT 0085: 20 a character that may not serve, 22 two services for one character. */
  answerCode: '20' | '22'
  message: string
}

/**
 * What is wrong with a set of separators, or null. All that are in use have to differ, and none may be a letter, a
 * digit, a blank, a control character (but IS1 to IS4, and a line end as terminator) or outside ASCII.
 */
export function separatorFault(separators: Separators, version: number): SeparatorFault | null {
  const { component, element, decimal, release, repetition, terminator } = separators
  const uses: [string, number][] = [
    ['component separator', component],
    ['element separator', element],
    ['decimal mark', decimal],
    ['segment terminator', terminator],
  ]
  if (release !== noSeparator) uses.push(['release character', release])
  if (repetition !== noSeparator && version >= 4) uses.push(['repetition separator', repetition])
  const seen = new Map<number, string>()
  for (const [use, byte] of uses) {
    if (!mayServe(byte, use)) {
      return { answerCode: '20', message: `${shown(byte)} cannot serve as ${use}` }
    }
    const other = seen.get(byte)
    if (other !== undefined) {
      return { answerCode: '22', message: `${shown(byte)} serves both as ${other} and as ${use}` }
    }
    seen.set(byte, use)
  }
  return null
}

/** The decimal marks a number may have: the UNA's below syntax 4, either mark otherwise (ISO 9735-1 clause 10.1). */
export function acceptedDecimalMarks(separators: Separators, advised: boolean, version: number): string {
  const mark = String.fromCharCode(separators.decimal)
  return advised && version < 4 && decimalMarks.includes(mark) ? mark : decimalMarks
}

function mayServe(byte: number, use: string): boolean {
  if (byte === 0x0a || byte === 0x0d) return use === 'segment terminator'
  if (byte >= 0x1c && byte <= 0x1f) return true
  return byte > space && byte < 0x7f && !isAlphanumeric(byte)
}

function isAlphanumeric(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)
}

function shown(byte: number): string {
  const hex = `0x${byte.toString(16).toUpperCase().padStart(2, '0')}`
  return byte > space && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : hex
}
