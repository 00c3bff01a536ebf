/** Rules by which numbers of parties check themselves. All take a value of the right shape. */

/** Luhn's rule (ISO/IEC 7812-1 annex B): every second digit from the right is doubled, and the sum of all digits is a multiple of ten. */
export function isLuhn(digits: string): boolean {
  let sum = 0
  for (let index = 0; index < digits.length; index++) {
    const digit = digitAt(digits, digits.length - 1 - index)
    const doubled = index % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

/** Luhn's rule; the many establishments of La Poste (SIREN 356000000) have a sum of digits that is a multiple of five instead. */
export function isSiret(digits: string): boolean {
  if (isLuhn(digits)) return true
  const sum = [...digits].reduce((all, digit) => all + Number(digit), 0)
  return digits.startsWith('356000000') && sum % 5 === 0
}

/** ISO/IEC 7064 MOD 97-10: letters count as 10 to 35, and the whole leaves 1 by 97. */
export function isMod97_10(text: string): boolean {
  let rest = 0
  for (const sign of text) {
    const value = Number.parseInt(sign, 36)
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97
  }
  return rest === 1
}

/** ISO/IEC 7064 MOD 11,10. */
export function isMod11_10(digits: string): boolean {
  let product = 10
  for (let index = 0; index < digits.length - 1; index++) {
    const sum = (digitAt(digits, index) + product) % 10
    product = ((sum === 0 ? 10 : sum) * 2) % 11
  }
  return (11 - product) % 10 === digitAt(digits, digits.length - 1)
}

/** The last digit makes the weighted sum a multiple of eleven; 10 is no digit, and such numbers are not given. */
export function isMod11Digit(digits: string, weights: readonly number[]): boolean {
  const rest = weightedSum(digits, weights) % 11
  return (rest === 0 ? 0 : 11 - rest) === digitAt(digits, weights.length)
}

/** Of the digits from the left, each times its weight. */
export function weightedSum(digits: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, index) => sum + weight * digitAt(digits, index), 0)
}

function digitAt(digits: string, index: number): number {
  return digits.charCodeAt(index) - 48
}
