import { isUtf8 } from 'node:buffer'

/** A text of the directories as lines: whatever its line ends, its character set and what pads its end. */
export function linesOfText(bytes: Buffer): string[] {
  const whole = bytes.subarray(0, lengthWithoutPadding(bytes))
  const text = isUtf8(whole) ? whole.toString('utf8') : windows.decode(whole)
  return (
    text
      // one source lost its apostrophes; the others are made plain
      .replace(/[\ufffd\u2018\u2019]/g, "'")
      .replace(/[\u201c\u201d]/g, '"')
      .replace(/[\u2013\u2014]/g, '-')
      .split(/\r\n|\n|\r/)
      .map(withoutTabs)
  )
}

/**
 * A text with tables in box drawing, as lines in ASCII: the early texts draw with code page 437, the later with `+ - |`.
 * Nothing but the drawing is beyond ASCII in them.
 */
export function linesOfTable(bytes: Buffer): string[] {
  const text = bytes.toString('latin1', 0, lengthWithoutPadding(bytes))
  return text.replace(/[\x80-\xff]/g, (character) => drawing[character] ?? ' ').split(/\r\n|\n|\r/)
}

/** Whether a line separates sections: nothing but dashes, drawn in whatever way. */
export function isRule(line: string): boolean {
  return /^\s*[-_=\u00c4\u2500]{10,}\s*$/.test(line)
}

/** The lines between rules. */
export function sectionsOf(lines: readonly string[]): string[][] {
  const sections: string[][] = [[]]
  for (const line of lines) {
    if (isRule(line)) sections.push([])
    else sections.at(-1)!.push(line)
  }
  return sections
}

/** Marks of change that stand before an entry: added, amended, renamed, text changed, marked for deletion. */
export const changeMarks = '+*#|X'

/** One blank between words. */
export function words(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** The early texts shout some names: their letters are made small but the first. */
export function calmName(text: string): string {
  const name = words(text)
  if (/[a-z]/.test(name)) return name
  return name.charAt(0) + name.slice(1).toLowerCase()
}

const tabColumns = 8

function withoutTabs(line: string): string {
  let out = line
  for (let at = out.indexOf('\t'); at >= 0; at = out.indexOf('\t', at))
    out = `${out.slice(0, at)}${' '.repeat(tabColumns - (at % tabColumns))}${out.slice(at + 1)}`
  return out
}

const windows = new TextDecoder('windows-1252')

/** Code page 437: vertical and horizontal strokes, and the corners that open and close a group. */
const drawing: Readonly<Record<string, string>> = {
  '\xb3': '|',
  '\xc4': '-',
  '\xbf': '+',
  '\xd9': '+',
  '\xc1': '+',
  '\xb4': '+',
  '\xc5': '+',
  '\xc2': '+',
}

/** Without the end-of-file mark of DOS and the zeros of old archives. */
function lengthWithoutPadding(bytes: Buffer): number {
  let length = bytes.length
  while (length > 0 && (bytes[length - 1] === 0x1a || bytes[length - 1] === 0)) length--
  return length
}
