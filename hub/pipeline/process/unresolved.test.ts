import { expect, test } from 'vitest'
import type { Resolution, ResolveQuestion } from '#hub/model/agreement.ts'
import type { ChannelId, PartnerId } from '#hub/model/ids.ts'
import { unresolvedFinding } from './unresolved.ts'

type Unresolved = Extract<Resolution, { kind: 'unresolved' }>

function question(changes: Partial<ResolveQuestion> = {}): ResolveQuestion {
  return {
    channel: {
      id: '1' as ChannelId,
      partnerId: '2' as PartnerId,
      key: 'box',
      kind: 'mailbox',
      env: 'test',
      peerDedupes: false,
      settings: {},
    },
    sender: { scheme: 'gln', value: '4098765000010' },
    receiver: { scheme: 'gln', value: '4012345000009' },
    env: 'test',
    format: 'edifact',
    type: 'order',
    guide: 'EAN008',
    at: new Date('2026-11-21T12:00:00Z'),
    ...changes,
  }
}

function unresolved(code: Unresolved['code'], changes: Partial<Unresolved> = {}): Unresolved {
  const senderPartnerId = '2' as PartnerId
  return {
    kind: 'unresolved',
    code,
    senderPartnerId,
    receiverPartnerId: null,
    profile: null,
    candidates: [],
    ...changes,
  }
}

test('an unknown receiver or sender is named with its scheme, value and element', () => {
  expect(unresolvedFinding(unresolved('receiverUnknown'), question())).toMatchObject({
    message: "No partner has the receiver's identity gln 4012345000009 (UNB element 3)",
    position: { tag: 'UNB', element: 3 },
    answerCode: '7',
  })
  expect(unresolvedFinding(unresolved('senderUnknown'), question())).toMatchObject({
    message:
      'The sender\'s identity gln 4098765000010 (UNB element 2) is none that may speak on the channel "box"',
    position: { tag: 'UNB', element: 2 },
    answerCode: '23',
  })
})

test('parties of XML and JSON are named by their path', () => {
  const xml = unresolvedFinding(unresolved('receiverUnknown'), question({ format: 'xml' }))
  expect(xml.message).toContain('gln 4012345000009 (/Order/cac:SellerSupplierParty/cac:Party)')
  expect(xml.position).toEqual({ path: '/Order/cac:SellerSupplierParty/cac:Party' })
  const json = unresolvedFinding(unresolved('senderUnknown'), question({ format: 'json' }))
  expect(json.message).toContain('(buyerCustomerParty.party)')
})

test('test and live that disagree: channel, file and agreement each say what they say', () => {
  const file = unresolvedFinding(unresolved('environmentMismatch'), question({ env: 'live' }))
  expect(file).toMatchObject({
    message:
      'The channel "box" is for test, the file says live (UNB element 11), no agreement was looked for',
    position: { tag: 'UNB', element: 11 },
  })
  const elsewhere = unresolvedFinding(unresolved('environmentMismatch'), question())
  expect(elsewhere.message).toContain(
    "; the sender's identity gln 4098765000010 (UNB element 2) is not registered for test",
  )
})

test('a missing profile or agreement names what was asked for, and why each candidate was refused', () => {
  const candidates = [
    { kind: 'profile' as const, key: 'retailer sends order', refused: null },
    {
      kind: 'agreement' as const,
      key: 'orders version 1',
      refused: { reason: 'stateOther' as const, state: 'draft' },
    },
  ]
  expect(unresolvedFinding(unresolved('agreementMissing', { candidates }), question()).message).toBe(
    'No agreement for order as edifact, guide EAN008 from gln 4098765000010 to gln 4012345000009. ' +
      'Not taken: orders version 1: it is a draft',
  )
  expect(unresolvedFinding(unresolved('profileMissing'), question({ guide: '' })).message).toBe(
    'The sender has no live profile for order as edifact, without a guide; there is no candidate',
  )
})

test('what a partner wrote is shown cut and in visible characters', () => {
  const receiver = { scheme: 'unb:ZZ', value: `A\u0007${'B'.repeat(100)}` }
  const { message } = unresolvedFinding(unresolved('receiverUnknown'), question({ receiver }))
  expect(message).toContain('unb:ZZ A\ufffdB')
  expect(message.length).toBeLessThan(150)
})
