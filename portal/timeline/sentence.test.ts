import { expect, test } from 'vitest'
import type { DocumentRow } from '#hub/store/find.ts'
import type { Side } from '../turn.ts'
import { wordsIn, type Language } from '../words.ts'
import { sentenceOf, titleOf } from './sentence.ts'

const row = {
  type: 'order',
  wireType: 'ORDERS',
  number: '345',
  reference: 'VD000401',
  fileName: null,
  senderName: 'Verdier',
  receiverName: 'Brouwer',
  processing: 'processed',
  delivery: 'none',
  acknowledgement: 'none',
  outbound: null,
  owed: null,
  awaited: null,
  code: null,
  stoppedAt: null,
  resumeAt: null,
  at: new Date('2026-11-20T09:14:00Z'),
} as unknown as DocumentRow

const said = (changes: Partial<DocumentRow>, side: Side = 'sender', language: Language = 'en') =>
  sentenceOf(
    { ...row, ...changes },
    { words: wordsIn(language, 'UTC'), side, now: new Date('2026-11-20T10:00:00Z') },
  )

test('where a list does not know the time, no blank is left over before a semicolon', () => {
  const rejected = { processing: 'rejected', stoppedAt: 'check', code: 'CD-3001' } as const
  expect(said(rejected)).toBe('Order 345 was rejected during checking; it is your turn.')
  expect(said(rejected, 'sender', 'fr')).toBe(
    'La commande 345 a été rejetée à l’étape «\u00a0contrôle\u00a0»\u202f; à vous d’agir.',
  )
  expect(said({ delivery: 'delivered' })).toBe('Order 345 was delivered to Brouwer; nobody has to act.')
  for (const processing of ['waiting', 'held', 'rejected', 'duplicate', 'processed'] as const) {
    expect(said({ processing })).not.toMatch(/ {2}| [;,.]/)
    expect(said({ processing }, 'sender', 'fr')).not.toMatch(/ {2}| [;,.]| \u202f/)
  }
})

test('what lies in a mailbox is to be collected for who may know the channel, and handed over for the sender', () => {
  const outbound = { channelKind: 'mailbox' } as NonNullable<DocumentRow['outbound']>
  const collect = 'Order 345 lies ready for Brouwer to collect; '
  expect(said({ delivery: 'pending', outbound }, 'hub')).toBe(`${collect}it is the turn of Brouwer.`)
  expect(said({ delivery: 'pending', outbound }, 'receiver')).toBe(`${collect}it is your turn.`)
  expect(said({ delivery: 'pending' })).toBe(
    'Order 345 was handed over for Brouwer, who has yet to collect or confirm it; it is the turn of Brouwer.',
  )
  expect(said({ delivery: 'pending' }, 'sender', 'fr')).toMatch(
    /^La commande 345 a été remise pour Brouwer, /,
  )
})

test('an order without a number is named by its reference or file, never as if that were its number', () => {
  const state = { processing: 'held', stoppedAt: 'judge', number: null } as const
  expect(said(state, 'hub')).toMatch(/^The order with reference VD000401 arrived at 09:14 /)
  expect(said(state, 'hub', 'fr')).toMatch(/^La commande de référence VD000401 est arrivée /)
  expect(said({ ...state, reference: null, fileName: 'orders.edi' }, 'hub')).toMatch(
    /^The order in file orders\.edi /,
  )
  expect(said({ ...state, reference: null }, 'hub')).toMatch(/^The order arrived /)
  const words = wordsIn('en', 'UTC')
  expect(titleOf({ ...row, number: null }, words)).toBe('Order with reference VD000401')
  expect(titleOf(row, words)).toBe('Order 345')
  expect(titleOf({ ...row, type: 'unread', number: null, fileName: 'scan.pdf' }, words)).toBe(
    'Unread file scan.pdf',
  )
})
