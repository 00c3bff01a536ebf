import { decimalFrom, multiplyDecimals } from '#hub/canonical/index.ts'
import { PlaceError } from './place.ts'
import type { WrittenSet } from './schema.ts'

/** Turns a value into another; undefined where it cannot be read as what it should be. */
export type Convert = (value: string) => string | undefined

/** A date from one pattern to another: letters YYYY YY MM DD hh mm ss, everything else stands for itself. */
export function dateConversion({
  read = 'YYYY-MM-DD',
  write = 'YYYY-MM-DD',
}: NonNullable<WrittenSet['date']>): Convert {
  const from = patternOf(read)
  const to = patternOf(write)
  return (value) => {
    const found = parts(value, from)
    return found === null
      ? undefined
      : to.map((piece) => ('part' in piece ? found[piece.part] : piece.text)).join('')
  }
}

const partNames = ['YYYY', 'YY', 'MM', 'DD', 'hh', 'mm', 'ss'] as const
type PartName = (typeof partNames)[number]
type Piece = { part: PartName } | { text: string }

function patternOf(pattern: string): Piece[] {
  const pieces = pattern.match(/YYYY|YY|MM|DD|hh|mm|ss|[^YMDhms]+/g) ?? []
  if (pieces.join('') !== pattern || !pieces.some((piece) => isPart(piece)))
    throw new PlaceError(
      `expected a date pattern of YYYY, YY, MM, DD, hh, mm, ss such as \`DD.MM.YYYY\`, not \`${pattern}\``,
    )
  return pieces.map((piece) => (isPart(piece) ? { part: piece } : { text: piece }))
}

function isPart(piece: string): piece is PartName {
  return (partNames as readonly string[]).includes(piece)
}

/** The parts of a date by a pattern; null where it does not fit or is no day of the calendar. */
function parts(value: string, pattern: readonly Piece[]): Record<PartName, string> | null {
  const found: Record<PartName, string> = {
    YYYY: '',
    YY: '',
    MM: '01',
    DD: '01',
    hh: '00',
    mm: '00',
    ss: '00',
  }
  let at = 0
  for (const piece of pattern) {
    if ('text' in piece) {
      if (!value.startsWith(piece.text, at)) return null
      at += piece.text.length
      continue
    }
    const digits = value.slice(at, at + piece.part.length)
    if (digits.length !== piece.part.length || !/^\d+$/.test(digits)) return null
    found[piece.part] = digits
    at += digits.length
  }
  if (at !== value.length) return null
  // two digits of a year are of this century, as in EDIFACT's format 101
  if (found.YYYY === '') found.YYYY = `20${found.YY === '' ? '00' : found.YY}`
  found.YY = found.YYYY.slice(2)
  const text = `${found.YYYY}-${found.MM}-${found.DD}T${found.hh}:${found.mm}:${found.ss}`
  const instant = new Date(`${text}Z`)
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(text) ? found : null
}

/** A number with another mark, factor or count of decimals; exact. */
export function numberConversion(wanted: NonNullable<WrittenSet['number']>): Convert {
  const { read, times, decimals, mark = '.' } = wanted
  return (value) => {
    const trimmed = value.trim()
    // where the mark is a comma, points part the thousands, and the other way round
    const marked =
      read === undefined ? trimmed : trimmed.replaceAll(read === ',' ? '.' : ',', '').replace(read, '.')
    const exact = decimalFrom(marked)
    if (exact === null) return undefined
    const product = times === undefined ? exact : multiplyDecimals(exact, times)
    const rounded = decimals === undefined ? product : roundedTo(product, decimals)
    return mark === '.' ? rounded : rounded.replace('.', mark)
  }
}

/** Half away from zero. */
export function roundedTo(decimal: string, places: number): string {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal) ?? []
  const up = (fraction[places] ?? '0') >= '5' ? 1n : 0n
  const digits = (BigInt(whole + fraction.slice(0, places).padEnd(places, '0')) + up)
    .toString()
    .padStart(places + 1, '0')
  const body = places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`
  return /^[0.]*$/.test(body) ? body : sign + body
}

export function textConversion(wanted: NonNullable<WrittenSet['text']>): Convert {
  const { case: letters, trim, cut, before = '', after = '', pad } = wanted
  return (value) => {
    let text = trim === true ? value.trim() : value
    if (letters === 'upper') text = text.toUpperCase()
    if (letters === 'lower') text = text.toLowerCase()
    if (pad !== undefined) text = text.padStart(pad.to, pad.with)
    text = `${before}${text}${after}`
    return cut === undefined ? text : text.slice(0, cut)
  }
}
