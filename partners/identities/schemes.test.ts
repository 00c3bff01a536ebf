import { describe, expect, test } from 'vitest'
import { identityFault } from './check-digit.ts'

/** Numbers that registers published, or that their own descriptions use as an example. */
const good: readonly [scheme: string, value: string][] = [
  ['party:0088', '4012345000009'],
  ['party:0002', '732829320'],
  ['unb:22', '732829320'],
  ['party:0009', '73282932000074'],
  ['unb:5', '73282932000074'],
  ['party:0009', '35600000049837'],
  ['party:0007', '5560125790'],
  ['party:0060', '150483782'],
  ['party:0192', '974760673'],
  ['party:0199', '529900T8BM49AURSDO55'],
  ['party:0208', '0403170701'],
  ['party:0211', 'IT00743110157'],
  ['party:0212', '0112038-9'],
  ['party:9914', 'ATU13585627'],
  ['party:9925', 'BE0403170701'],
  ['party:9930', 'DE136695976'],
  ['party:9938', 'LU15027442'],
  ['party:9944', 'NL004495445B01'],
  ['party:9945', 'PL8567346215'],
  ['party:9946', 'PT501964843'],
  ['party:9957', 'FR40303265045'],
  ['party:VA', 'FR40303265045'],
  ['party:0183', 'CHE100155212'],
]

describe.each(good)('%s %s', (scheme, value) => {
  test('is taken', () => {
    expect(identityFault(scheme, value)).toBeNull()
  })

  test('is refused with another check digit, with a digit more and without one', () => {
    // of a Dutch VAT number the check digit stands before the B
    const at = scheme === 'party:9944' ? value.indexOf('B') - 1 : value.length - 1
    const other = value.slice(0, at) + String((Number(value[at]) + 3) % 10) + value.slice(at + 1)
    if (scheme !== 'party:0060')
      expect(identityFault(scheme, other)).toMatch(/check digits? of this .+ (is|are) wrong/)
    if (scheme !== 'party:VA') expect(identityFault(scheme, `${value}1`)).toMatch(/ ha[sve]+ /)
    expect(identityFault(scheme, value.slice(0, -1))).not.toBeNull()
  })
})

test('a Leitweg-ID has two check digits over both of its addresses', () => {
  const digits = (text: string) => {
    for (let check = 0; check < 100; check++) {
      const value = `${text}-${String(check).padStart(2, '0')}`
      if (identityFault('party:0204', value) === null) return value
    }
    return null
  }
  const found = digits('991-01234')!
  expect(found).not.toBeNull()
  expect(identityFault('party:0204', found.replace('991', '919'))).toContain('check digits')
  expect(identityFault('party:0204', 'A-1')).toContain('a Leitweg-ID has')
})

test('registers without a rule here take any value, and so do names of no register', () => {
  for (const scheme of ['party', 'party:0130', 'party:warehouse', 'unb', 'unb:ZZ', 'as2'])
    expect(identityFault(scheme, 'ANY-5')).toBeNull()
})
