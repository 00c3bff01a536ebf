import { levelA, levelB, type Charset } from './charset.ts'
import { noSeparator, type Separators } from './separators.ts'

/** Writes one value with its separators released, or says why it cannot be written. */
export type ValueWriter = (value: string) => string | { fault: string }

/**
 * A writer for values under these separators and this charset. Released are the separators in use and the release
 * character itself. Control characters are in no repertoire of ISO 9735; tab and line ends are taken under UTF-8.
 */
export function valueWriter(separators: Separators, version: number, charset: Charset): ValueWriter {
  const special = [separators.component, separators.element, separators.terminator, separators.release]
  if (version >= 4) special.push(separators.repetition)
  const characters = special.filter((byte) => byte !== noSeparator).map((byte) => String.fromCharCode(byte))
  const inClass = characters.map((one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`).join('')
  const separator = new RegExp(`[${inClass}]`, 'g')
  // eslint-disable-next-line no-control-regex
  const notPlain = new RegExp(`[${inClass}]|[^\\x20-\\x7e]`)
  const release = separators.release === noSeparator ? null : String.fromCharCode(separators.release)
  const { repertoire } = charset
  const allowed = repertoire === 'A' ? levelA : repertoire === 'B' ? levelB : null
  return (value) => {
    if (allowed === null && !notPlain.test(value)) return value
    const fault = faultOf(value, charset, { allowed, separator })
    if (fault !== null) return { fault }
    if (release === null && value.search(separator) >= 0) {
      return { fault: `${JSON.stringify(value)} holds a separator, and there is no release character` }
    }
    return value.replace(separator, (one) => `${release}${one}`)
  }
}

function faultOf(
  value: string,
  charset: Charset,
  rules: { allowed: RegExp | null; separator: RegExp },
): string | null {
  const content = value.replace(rules.separator, '')
  // eslint-disable-next-line no-control-regex
  const control = (charset.lineEnds ? /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/ : /[\0-\x1f\x7f]/).exec(content)
  if (control)
    return `control character 0x${control[0].charCodeAt(0).toString(16).padStart(2, '0')} cannot be written`
  const lacking = charset.encode(content)
  if (typeof lacking === 'number') return `${shown(content, lacking)} is not in ${charset.name}`
  if (rules.allowed && !rules.allowed.test(content)) {
    const outside = Array.from(content).find((one) => !rules.allowed?.test(one)) ?? ''
    return `${JSON.stringify(outside)} is not in the repertoire of level ${charset.repertoire}`
  }
  return null
}

function shown(text: string, at: number): string {
  const point = text.codePointAt(at) ?? 0
  return `${JSON.stringify(String.fromCodePoint(point))} (U+${point.toString(16).toUpperCase().padStart(4, '0')})`
}
