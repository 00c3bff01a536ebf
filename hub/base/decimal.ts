/**
 * Exact decimals on strings: no binary fraction ever touches an amount. Inputs are canonical decimals (`12.50`, `-3`);
 * anything else is a programmer's mistake and throws a RangeError.
 */

interface Scaled {
  units: bigint
  scale: number
}

/** The sum, with as many decimals as the most precise summand has; `0` of none. */
export function sumDecimals(values: Iterable<string>): string {
  let sum: Scaled = { units: 0n, scale: 0 }
  for (const value of values) sum = add(sum, scaled(value))
  return written(sum)
}

/** The product, exact: 2.5 × 0.40 is `1.000`. */
export function multiplyDecimals(a: string, b: string): string {
  const [x, y] = [scaled(a), scaled(b)]
  return written({ units: x.units * y.units, scale: x.scale + y.scale })
}

/** Negative, zero or positive as a is less than, equal to or more than b: `1.0` equals `1`. */
export function compareDecimals(a: string, b: string): number {
  const difference = add(scaled(a), negated(scaled(b))).units
  return difference === 0n ? 0 : difference < 0n ? -1 : 1
}

/**
 * A number as written elsewhere (`+1.50`, `.5`, `007`, `1e3`, `12,5`) as a canonical decimal that keeps its decimals;
 * null if it is none. An exponent has up to three digits.
 */
export function decimalFrom(written: string): string | null {
  if (isPlain(written)) return written
  const match = /^([+-]?)(\d*)(?:[.,](\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(written.trim())
  if (!match) return null
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  if (whole === '' && fraction === '') return null
  const shifted = shift(whole, fraction, Number(exponent))
  const digits = shifted.whole.replace(/^0+(?=\d)/, '') || '0'
  const body = shifted.fraction === '' ? digits : `${digits}.${shifted.fraction}`
  return sign === '-' && /[1-9]/.test(body) ? `-${body}` : body
}

/** Digits with at most one point among them, and no zero too many: most numbers are canonical as they stand. */
function isPlain(text: string): boolean {
  const { length } = text
  let points = 0
  for (let at = 0; at < length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === 0x2e && at > 0 && at < length - 1) points++
    else if (unit < 0x30 || unit > 0x39) return false
  }
  if (length === 0 || points > 1) return false
  return length === 1 || text.charCodeAt(0) !== 0x30 || text.charCodeAt(1) === 0x2e
}

function shift(whole: string, fraction: string, exponent: number): { whole: string; fraction: string } {
  if (exponent > 0) {
    const padded = fraction.padEnd(exponent, '0')
    return { whole: whole + padded.slice(0, exponent), fraction: padded.slice(exponent) }
  }
  if (exponent < 0) {
    const padded = whole.padStart(-exponent, '0')
    return { whole: padded.slice(0, padded.length + exponent), fraction: padded.slice(exponent) + fraction }
  }
  return { whole, fraction }
}

function scaled(value: string): Scaled {
  if (!/^-?\d+(\.\d+)?$/.test(value)) throw new RangeError(`not a decimal: ${value.slice(0, 60)}`)
  const point = value.indexOf('.')
  if (point === -1) return { units: BigInt(value), scale: 0 }
  return { units: BigInt(value.slice(0, point) + value.slice(point + 1)), scale: value.length - point - 1 }
}

function add(a: Scaled, b: Scaled): Scaled {
  const scale = Math.max(a.scale, b.scale)
  return { units: raised(a, scale) + raised(b, scale), scale }
}

function raised(value: Scaled, scale: number): bigint {
  return scale === value.scale ? value.units : value.units * 10n ** BigInt(scale - value.scale)
}

function negated(value: Scaled): Scaled {
  return { units: -value.units, scale: value.scale }
}

function written({ units, scale }: Scaled): string {
  if (scale === 0) return units.toString()
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  return `${units < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}
