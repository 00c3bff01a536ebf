import { expect, test } from 'vitest'
import type { CodeName } from '#hub/model/codes/index.ts'
import { judgementOf } from './answer.ts'
import type { ComputedDocument, ComputedEnvelope } from './computed.ts'
import { findingOf } from './finding-of.ts'

function rejected(code: CodeName, step: 'resolve' | 'check' = 'resolve'): ComputedDocument {
  const known = { findings: [findingOf(code, { position: 1, offset: 0 })] }
  return { known, verdict: { kind: 'rejected', code, step } } as unknown as ComputedDocument
}

function judged(...documents: ComputedDocument[]) {
  const envelope = { code: null, findings: [] }
  return judgementOf({ envelope, documents } as unknown as ComputedEnvelope, null)
}

test('an interchange from or for nobody is rejected as a whole, with the code of its envelope', () => {
  expect(judged(rejected('profileMissing'), rejected('receiverUnknown'))).toMatchObject({
    state: 'rejected',
    code: 'receiverUnknown',
    findings: [{ answerCode: '7' }],
  })
  expect(judged(rejected('senderUnknown'))).toMatchObject({ findings: [{ answerCode: '23' }] })
})

test('without an agreement each message is rejected by itself, and so are faulty ones', () => {
  expect(judged(rejected('agreementMissing'))).toMatchObject({ code: 'agreementMissing', findings: [] })
  expect(judged(rejected('messageFaulty', 'check'))).toMatchObject({ findings: [] })
})
