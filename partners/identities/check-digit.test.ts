import { expect, test } from 'vitest'
import { gs1CheckDigit, hasGs1CheckDigit, identityFault } from './check-digit.ts'

test('GS1 check digits of 13, 14 and 18 digits are right, and no other last digit is', () => {
  for (const digits of [
    '40170725',
    '036000291452',
    '4006381333931',
    '10614141000415',
    '106141412345678908',
  ]) {
    expect(hasGs1CheckDigit(digits)).toBe(true)
    for (let other = 0; other < 10; other++) {
      const changed = digits.slice(0, -1) + String(other)
      expect(hasGs1CheckDigit(changed)).toBe(changed === digits)
    }
  }
})

test('a changed digit anywhere is noticed', () => {
  const digits = `401234500000${gs1CheckDigit('401234500000')}`
  for (let at = 0; at < digits.length; at++) {
    const other = String((Number(digits[at]) + 1) % 10)
    expect(hasGs1CheckDigit(digits.slice(0, at) + other + digits.slice(at + 1))).toBe(false)
  }
})

test('a value is held against its scheme', () => {
  expect(identityFault('gln', '4012345000009')).toBeNull()
  expect(identityFault('gln', '4012345000001')).toContain('401234500000 is completed by 9')
  expect(identityFault('gln', '401234500000')).toBe('a GLN has 13 digits')
  expect(identityFault('duns', '12345678')).toBe('a DUNS number has 9 digits')
  expect(identityFault('unb:ZZ', 'x'.repeat(36))).toContain('35 characters')
  expect(identityFault('party:0192', '991825827')).toBeNull()
})
