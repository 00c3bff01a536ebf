import { schemeRule } from './schemes.ts'

/**
 * Whether the last digit is right by the GS1 rule for GLN, GTIN and SSCC (GS1 General Specifications §7.9): weights 3
 * and 1 alternate from the digit before the last to the left, and the sum with the check digit is a multiple of ten.
 */
export function hasGs1CheckDigit(digits: string): boolean {
  return /^\d{2,}$/.test(digits) && digits.endsWith(gs1CheckDigit(digits.slice(0, -1)))
}

/** The check digit that completes these digits. */
export function gs1CheckDigit(digits: string): string {
  let sum = 0
  for (let index = 0; index < digits.length; index++) {
    const weight = (digits.length - index) % 2 === 1 ? 3 : 1
    sum += weight * (digits.charCodeAt(index) - 48)
  }
  return String((10 - (sum % 10)) % 10)
}

/**
 * What a value of this scheme must be, where it is not that; null where it is fine. `party:<ICD>` and the qualifiers of UNB that name a
 * register (0007: 5 SIRET, 22 SIREN) are held against the rules of that register.
 */
export function identityFault(scheme: string, value: string): string | null {
  if (scheme === 'as2' && value.length > 128) return 'an AS2 id has at most 128 characters (RFC 4130 §6.2)'
  if (scheme.startsWith('unb') && value.length > 35) return 'a UNB identification has at most 35 characters'
  if (scheme === 'gln' || scheme === 'party:0088') return glnFault(value)
  const rule = schemeRule(scheme)
  if (rule === null) return null
  if (!rule.shape.test(value)) return rule.expected
  return rule.isRight?.(value) === false ? `the check digits of this ${rule.name} are wrong` : null
}

function glnFault(value: string): string | null {
  if (!/^\d{13}$/.test(value)) return 'a GLN has 13 digits'
  if (hasGs1CheckDigit(value)) return null
  return `the check digit of this GLN is wrong: ${value.slice(0, 12)} is completed by ${gs1CheckDigit(value.slice(0, 12))}`
}
