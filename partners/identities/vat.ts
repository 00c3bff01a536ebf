import { isLuhn, isMod11_10, isMod97_10, weightedSum } from './check-rules.ts'

interface VatRule {
  /** What follows the two letters of the country. */
  shape: RegExp
  expected: string
  /** Absent where the check is not published for all numbers. */
  isRight?(number: string): boolean
}

/** VAT numbers of the countries that partners mostly come from, as VIES describes them. */
const countries: Readonly<Record<string, VatRule>> = {
  AT: {
    shape: /^U\d{8}$/,
    expected: 'ATU and 8 digits',
    isRight: (number) => isAustrian(number.slice(1)),
  },
  BE: {
    shape: /^[01]\d{9}$/,
    expected: 'BE and 10 digits',
    isRight: (number) => 97 - (Number(number.slice(0, 8)) % 97) === Number(number.slice(8)),
  },
  DE: { shape: /^\d{9}$/, expected: 'DE and 9 digits', isRight: isMod11_10 },
  ES: { shape: /^[0-9A-Z]\d{7}[0-9A-Z]$/, expected: 'ES and 9 digits and letters' },
  FR: { shape: /^[0-9A-HJ-NP-Z]{2}\d{9}$/, expected: 'FR, two signs and 9 digits', isRight: isFrench },
  GB: { shape: /^(\d{9}|\d{12}|GD\d{3}|HA\d{3})$/, expected: 'GB and 9 or 12 digits' },
  IT: { shape: /^\d{11}$/, expected: 'IT and 11 digits', isRight: isLuhn },
  LU: {
    shape: /^\d{8}$/,
    expected: 'LU and 8 digits',
    isRight: (number) => Number(number.slice(0, 6)) % 89 === Number(number.slice(6)),
  },
  NL: { shape: /^\d{9}B\d{2}$/, expected: 'NL, 9 digits, B and 2 digits', isRight: isDutch },
  PL: {
    shape: /^\d{10}$/,
    expected: 'PL and 10 digits',
    isRight: (number) => weightedSum(number, [6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 === Number(number.slice(9)),
  },
  PT: {
    shape: /^\d{9}$/,
    expected: 'PT and 9 digits',
    isRight: (number) =>
      ((11 - (weightedSum(number, [9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11) % 10 === Number(number[8]),
  },
}

/** Whether the number behind the country's letters checks itself; true for countries that have no rule here. */
export function isVatNumber(country: string, number: string): boolean {
  const rule = Object.hasOwn(countries, country) ? countries[country]! : null
  if (rule === null) return true
  return rule.shape.test(number) && rule.isRight?.(number) !== false
}

/** The whole number with its letters; with an empty country that of any. */
export function vatShape(country: string): RegExp {
  if (country === '') return /^[A-Z]{2}[0-9A-Z+*]{2,12}$/
  return new RegExp(`^${country}${countries[country]!.shape.source.slice(1)}`)
}

export function vatExpected(country: string): string {
  if (country === '') return 'a VAT number has the two letters of its country and 2 to 12 digits and letters'
  return `a VAT number of ${country} has ${countries[country]!.expected}`
}

/** Two digits from the SIREN; keys with a letter follow another rule, of which the SIREN's own check digit stays. Monaco's begin with 000. */
function isFrench(number: string): boolean {
  const [key, siren] = [number.slice(0, 2), number.slice(2)]
  if (!siren.startsWith('000') && !isLuhn(siren)) return false
  return (
    !/^\d\d$/.test(key) || siren.startsWith('000') || (12 + 3 * (Number(siren) % 97)) % 97 === Number(key)
  )
}

/** By the digits alone (mod 11) as until 2019 or, for the self-employed, by MOD 97-10 of the whole. */
function isDutch(number: string): boolean {
  return isMod11Sum(number.slice(0, 9)) || isMod97_10(`NL${number}`)
}

function isMod11Sum(digits: string): boolean {
  return weightedSum(digits, [9, 8, 7, 6, 5, 4, 3, 2]) % 11 === Number(digits[8])
}

/** As the Austrian ministry of finance describes it: every second digit doubled, plus four. */
function isAustrian(digits: string): boolean {
  let sum = 4
  for (let index = 0; index < 7; index++) {
    const digit = Number(digits[index])
    sum += index % 2 === 0 ? digit : Math.floor(digit / 5) + ((digit * 2) % 10)
  }
  return (10 - (sum % 10)) % 10 === Number(digits[7])
}
