import { isLuhn, isMod11Digit, isMod97_10, isSiret } from './check-rules.ts'
import { isVatNumber, vatExpected, vatShape } from './vat.ts'

/** What the numbers of one register look like, and how they check themselves. */
export interface SchemeRule {
  /** As people call such a number: stands in `the check digits of this … are wrong`. */
  name: string
  shape: RegExp
  /** Said where a value has another shape. */
  expected: string
  /** Absent where the number carries no check digit, or none that its register publishes. */
  isRight?(value: string): boolean
}

/** The rule for a scheme of identities, or null where any value may stand: by ISO 6523 ICD, by UNB qualifier, or by its own name. */
export function schemeRule(scheme: string): SchemeRule | null {
  const code = registerOf[scheme] ?? /^party:(.+)$/.exec(scheme)?.[1]?.toUpperCase()
  if (code === undefined) return null
  if (Object.hasOwn(byIcd, code)) return byIcd[code]!
  const country = Object.hasOwn(vatSchemes, code) ? vatSchemes[code]! : null
  return country === null ? null : vatRule(country)
}

/** Schemes that name a register in another way than by its ICD. */
const registerOf: Readonly<Record<string, string>> = { duns: '0060', 'unb:5': '0009', 'unb:22': '0002' }

/** By International Code Designator (ISO 6523), as the EAS list and Peppol use them. */
const byIcd: Readonly<Record<string, SchemeRule>> = {
  '0002': { name: 'SIREN', shape: /^\d{9}$/, expected: 'a SIREN has 9 digits', isRight: isLuhn },
  '0007': {
    name: 'Swedish organisation number',
    shape: /^\d{10}$/,
    expected: 'a Swedish organisation number has 10 digits',
    isRight: isLuhn,
  },
  '0009': { name: 'SIRET', shape: /^\d{14}$/, expected: 'a SIRET has 14 digits', isRight: isSiret },
  // the tenth digit that once checked a DUNS number is no longer given
  '0060': { name: 'DUNS number', shape: /^\d{9}$/, expected: 'a DUNS number has 9 digits' },
  '0106': { name: 'KvK number', shape: /^\d{8}$/, expected: 'a KvK number has 8 digits' },
  '0183': {
    name: 'Swiss UID',
    shape: /^CHE\d{9}$/,
    expected: 'a Swiss UID has CHE and 9 digits',
    isRight: (value) => isMod11Digit(value.slice(3), [5, 4, 3, 2, 7, 6, 5, 4]),
  },
  '0192': {
    name: 'Norwegian organisation number',
    shape: /^\d{9}$/,
    expected: 'a Norwegian organisation number has 9 digits',
    isRight: (value) => isMod11Digit(value, [3, 2, 7, 6, 5, 4, 3, 2]),
  },
  '0199': {
    name: 'LEI',
    shape: /^[0-9A-Z]{18}\d{2}$/,
    expected: 'an LEI has 18 digits and capital letters, and two check digits (ISO 17442)',
    isRight: isMod97_10,
  },
  '0204': {
    name: 'Leitweg-ID',
    shape: /^\d{2,12}(-[0-9A-Z]{1,30})?-\d{2}$/,
    expected: 'a Leitweg-ID has a coarse and a fine address and two check digits, with hyphens between',
    isRight: (value) => isMod97_10(value.replaceAll('-', '')),
  },
  '0208': {
    name: 'Belgian enterprise number',
    shape: /^[01]\d{9}$/,
    expected: 'a Belgian enterprise number has 10 digits and begins with 0 or 1',
    isRight: (value) => isVatNumber('BE', value),
  },
  '0211': {
    name: 'Partita IVA',
    shape: /^IT\d{11}$/,
    expected: 'a Partita IVA has IT and 11 digits',
    isRight: (value) => isLuhn(value.slice(2)),
  },
  '0212': {
    name: 'Finnish organisation number',
    shape: /^\d{7}-?\d$/,
    expected: 'a Finnish organisation number has 7 digits and a check digit',
    isRight: (value) => isMod11Digit(value.replace('-', ''), [7, 9, 10, 5, 8, 4, 2]),
  },
  '9902': { name: 'CVR number', shape: /^(DK)?\d{8}$/, expected: 'a CVR number has 8 digits' },
}

/** VAT numbers, by their codes in the EAS list; `VA` and `VAT` for any country that the number begins with. */
const vatSchemes: Readonly<Record<string, string>> = {
  '9914': 'AT',
  '9920': 'ES',
  '9925': 'BE',
  '9930': 'DE',
  '9932': 'GB',
  '9938': 'LU',
  '9944': 'NL',
  '9945': 'PL',
  '9946': 'PT',
  '9957': 'FR',
  VA: '',
  VAT: '',
}

function vatRule(country: string): SchemeRule {
  return {
    name: 'VAT number',
    shape: vatShape(country),
    expected: vatExpected(country),
    isRight: (value) => isVatNumber(value.slice(0, 2), value.slice(2)),
  }
}
