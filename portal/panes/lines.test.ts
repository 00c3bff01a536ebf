import { expect, it } from 'vitest'
import { segment } from '#hub/formats/edifact/tree.ts'
import { linesOf } from './lines.ts'

const message = {
  format: 'edifact' as const,
  wireType: 'ORDERS',
  version: 'D.96A',
  agency: 'UN',
  tree: { segments: [segment('NAD', 'BY', ['4012345000009', '', '9']), segment('ALC', 'A')] },
}

it('a segment is named in both languages with what its code means, and each value says what it is', () => {
  const named = (language: 'en' | 'fr') => linesOf(message, [], language).map((line) => line.name)
  expect(named('en')).toEqual(['Name and address: Buyer', 'Allowance or charge: Allowance'])
  expect(named('fr')).toEqual(['Nom et adresse : Acheteur', 'Remise ou frais : Allowance'])
  const titles = linesOf(message, [], 'en')[0]!.parts.flatMap(({ text, title }) =>
    title ? [[text, title]] : [],
  )
  expect(titles).toEqual([
    ['BY', '3035 Party qualifier: Buyer'],
    ['4012345000009', '3039 Party id. identification'],
    ['9', expect.stringMatching(/^3055 /)],
  ])
})
