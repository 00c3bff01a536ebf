import { expect, test } from 'vitest'
import { parseSearch } from './search.ts'

test.each([
  ['345', { kind: 'any', type: null, value: '345' }],
  ['order 345', { kind: 'number', type: 'order', value: '345' }],
  ['Commande 345', { kind: 'number', type: 'order', value: '345' }],
  ['commande n° 345', { kind: 'number', type: 'order', value: '345' }],
  ['order:345', { kind: 'number', type: 'order', value: '345' }],
  ['numéro A-12', { kind: 'number', type: null, value: 'A-12' }],
  ['référence 871', { kind: 'reference', type: null, value: '871' }],
  ['fichier commandes mai.edi', { kind: 'file', type: null, value: 'commandes mai.edi' }],
  ['order', { kind: 'any', type: null, value: 'order' }],
  ['PO 118842/7', { kind: 'number', type: 'order', value: '118842/7' }],
  ['my order 345', { kind: 'number', type: 'order', value: '345' }],
  ['where is order 345?', { kind: 'number', type: 'order', value: '345' }],
  ['Where is the purchase order no. 345 ?', { kind: 'number', type: 'order', value: '345' }],
  ['où est la commande 345 ?', { kind: 'number', type: 'order', value: '345' }],
  ['bon de commande numéro 345', { kind: 'number', type: 'order', value: '345' }],
  ['order number 345', { kind: 'number', type: 'order', value: '345' }],
  ['order N-345', { kind: 'number', type: 'order', value: 'N-345' }],
  ['order no345', { kind: 'number', type: 'order', value: 'no345' }],
  ['LA 345', { kind: 'any', type: null, value: 'LA 345' }],
  ['my parcel 345', { kind: 'any', type: null, value: 'my parcel 345' }],
])('"%s" is understood as people mean it', (typed, understood) => {
  expect(parseSearch(typed)).toEqual(understood)
})

test('an empty search is none, and a long one is cut', () => {
  expect(parseSearch('  ')).toBeNull()
  expect(parseSearch('x'.repeat(1000))?.value.length).toBe(200)
})
