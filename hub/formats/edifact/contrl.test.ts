import { expect, it } from 'vitest'
import type { AcknowledgeOptions, JudgedInterchange, ReadMessage } from '#hub/model/format.ts'
import type { Finding } from '#hub/model/findings.ts'
import { edifactFormat, type EdifactMessage } from './index.ts'
import { enveloped, read, sample } from './samples/read.ts'

/** Reads and checks a file, judges it by its errors, and gives the CONTRL as segments of text; null if there is none. */
function answerTo(
  content: Buffer | string,
  options: AcknowledgeOptions = {},
  judged = judge(content),
): string[] | null {
  const message = edifactFormat.acknowledge(judged, options)
  if (!message) return null
  const bytes = edifactFormat.write({
    sender: { scheme: 'gln', value: '5412345000020' },
    receiver: { scheme: 'gln', value: '5412345000013' },
    reference: '77',
    env: 'live',
    at: new Date('2026-01-14T09:30:00Z'),
    messages: [{ ...message, reference: '1' }],
    terms: options.version === '4:1' ? { syntax: 'UNOC:4' } : {},
  })
  const again = read(bytes)
  expect(again.errors).toEqual([])
  expect(edifactFormat.check(again.messages[0]!)).toEqual([])
  return bytes.toString('latin1').split("'").slice(1, -3)
}

function judge(content: Buffer | string): JudgedInterchange {
  const { interchanges, messages, trailers } = read(content)
  const judged = messages.map((message) => {
    const findings = [...message.findings, ...edifactFormat.check(message)]
    return { message, accepted: findings.every((one) => one.severity !== 'error'), findings }
  })
  const accepted = judged.filter((one) => one.accepted).length
  const state = accepted === judged.length ? 'accepted' : accepted > 0 ? 'partial' : 'rejected'
  return { interchange: interchanges[0]!, trailer: trailers[0]!, messages: judged, findings: [], state }
}

const parties = 'R000345+5412345000013:14+5412345000020:14'

it('a good interchange is answered with action 7 and sender and receiver as they stood in its UNB', () => {
  expect(answerTo(sample('orders-d96a.edi'))).toEqual(['UNH+1+CONTRL:2:2:UN', `UCI+${parties}+7`])
})

it('of a thousand messages with one bad, one UCM names segment and element', () => {
  const text = sample('orders-one-bad.edi').toString('latin1')
  const [first = '', , third = ''] = text.slice(text.indexOf('UNH'), text.indexOf('UNZ')).split(/(?=UNH)/)
  const many = text.replace(third, first.repeat(998)).replace('UNZ+3', 'UNZ+1000')
  expect(answerTo(many)).toEqual([
    'UNH+1+CONTRL:2:2:UN',
    'UCI+R000346+5412345000013:14+5412345000020:14+7',
    'UCM+2+ORDERS:D:96A:UN:EAN008+4',
    'UCS+2+13',
    'UCS+14',
    'UCD+37+2:2',
  ])
})

it('a fault of UNH or UNT is reported by UCM itself', () => {
  const text = sample('orders-d96a.edi').toString('latin1').replace('UNT+28+1', 'UNT+27+1')
  expect(answerTo(text)).toEqual([
    'UNH+1+CONTRL:2:2:UN',
    `UCI+${parties}+7`,
    'UCM+1+ORDERS:D:96A:UN:EAN008+4+29+UNT+2',
  ])
})

it('a fault of the envelope rejects everything, with its code and place', () => {
  const text = sample('orders-d96a.edi').toString('latin1')
  expect(answerTo(text.replace('UNZ+1+', 'UNZ+2+'))?.[1]).toBe(`UCI+${parties}+4+29+UNZ+2`)
  expect(answerTo(text.replace('UNZ+1+R000345', 'UNZ+1+R9'))?.[1]).toBe(`UCI+${parties}+4+28+UNZ+3`)
  expect(answerTo(text.slice(0, text.indexOf('UNZ')))?.[1]).toBe(`UCI+${parties}+4+13`)
  expect(answerTo(text.replace(':+.? ', ':+.+ '))?.[1]).toMatch(/\+4\+22$/)
})

it('findings of resolving count too: a duplicate is 26', () => {
  const judged = judge(sample('orders-d96a.edi'))
  const duplicate: Finding = {
    code: 'interchangeDuplicate',
    severity: 'error',
    message: '',
    position: {},
    answerCode: '26',
  }
  const answer = edifactFormat.acknowledge({ ...judged, findings: [duplicate], state: 'rejected' })
  const { segments } = answer!.tree as EdifactMessage
  expect(segments).toMatchObject([{ tag: 'UCI' }])
  expect(segments[0]?.elements.slice(3)).toEqual([['4'], ['26']])
})

it('a message without an agreement is rejected by UCM 17', () => {
  const judged = judge(sample('orders-d96a.edi'))
  const [message] = judged.messages
  message!.accepted = false
  message!.findings = [
    { code: 'agreementMissing', severity: 'error', message: '', position: {}, answerCode: '17' },
  ]
  const answer = edifactFormat.acknowledge({ ...judged, state: 'rejected' })
  expect(answer?.tree).toMatchObject({
    segments: [{ tag: 'UCI' }, { tag: 'UCM', elements: [['1'], expect.anything(), ['4'], ['17']] }],
  })
})

it('a sender that asked for receipt gets action 8', () => {
  expect(answerTo(sample('orders-syntax4.edi'), { version: '4:1' })).toEqual([
    'UNH+1+CONTRL:4:1:UN',
    'UCI+R000349+5412345000013:14+5412345000020:14+8',
  ])
})

it('version 4 names the repetition, and messages of groups stand under UCF', () => {
  const four = sample('orders-syntax4.edi').toString('latin1').replace('++++2', '++++1')
  expect(answerTo(four, { version: '4:1' })?.slice(2)).toEqual([
    'UCM+1+ORDERS:D:96A:UN:EAN008+4',
    'UCS+14',
    'UCD+35+3::2',
  ])
  const groups = sample('orders-groups.edi')
    .toString('latin1')
    .replace(/QTY\+21:48(?![\s\S]*QTY\+21:48)/, 'QTY+21:x')
  expect(answerTo(groups)?.slice(2)).toEqual([
    'UCF+G2+BRANCH1:ZZ+SUPPLY:ZZ+7',
    'UCM+3+ORDERS:D:96A:UN:EAN008+4',
    'UCS+16',
    'UCD+37+2:2',
  ])
})

it.each(['2:2', 'D:3', '3:1', '4:1'])('the profile decides the version: %s', (version) => {
  expect(answerTo(sample('orders-d96a.edi'), { version })?.[0]).toBe(`UNH+1+CONTRL:${version}:UN`)
})

it('E11 an answer is never answered, nor is an interchange whose header cannot be read', () => {
  expect(answerTo(sample('contrl-partial.edi'))).toBeNull()
  expect(answerTo(enveloped("BGM+12E+1'", 'APERAK:D:96A:UN'))).toBeNull()
  expect(answerTo("UNB+UNOC:3'UNH+1+ORDERS:D:96A:UN'UNT+2+1'UNZ+1+1'")).toBeNull()
  expect(answerTo("UNH+1+ORDERS:D:96A:UN'UNT+2+1'")).toBeNull()
})

function acknowledgement(
  content: string,
  version = '2:2',
): ReturnType<typeof edifactFormat.readAcknowledgement> {
  const [message] = read(enveloped(content, `CONTRL:${version}:UN`)).messages
  return edifactFormat.readAcknowledgement(message as ReadMessage)
}

it('a partial CONTRL is read with the place of each fault in our message', () => {
  const [message] = read(sample('contrl-partial.edi')).messages
  expect(edifactFormat.readAcknowledgement(message!)).toMatchObject({
    interchangeReference: 'R000346',
    sender: { scheme: 'gln', value: '5412345000013' },
    receiver: { scheme: 'gln', value: '5412345000020' },
    state: 'partial',
    messages: [
      {
        reference: '2',
        state: 'rejected',
        findings: [
          { answerCode: '13', severity: 'error', position: { segment: 2 } },
          { answerCode: '37', position: { segment: 14, element: 1, component: 2 } },
        ],
      },
    ],
    findings: [],
  })
})

it.each([
  ['1', 'accepted'],
  ['2', 'with_errors'],
  ['3', 'partial'],
  ['4', 'rejected'],
  ['5', 'received'],
  ['6', 'rejected'],
  ['7', 'accepted'],
  ['8', 'received'],
  ['', 'received'],
  ['99', 'received'],
])('action %s of UCI is %s', (action, state) => {
  expect(acknowledgement(`UCI+R1+A:14+B:14+${action}'`)?.state).toBe(state)
})

it.each(['2:2', 'D:3', '3:1', '4:1', 'D:93A'])('CONTRL %s is read', (version) => {
  expect(acknowledgement("UCI+R1+A:14+B:14+4+23+UNB+2:1'", version)).toMatchObject({
    state: 'rejected',
    findings: [
      {
        answerCode: '23',
        message: 'The receiver reports error 23, unknown interchange sender at UNB, element 1, component 1',
        position: { tag: 'UNB', element: 1, component: 1 },
      },
    ],
  })
})

it('accepted messages with faults are accepted with errors; a rejected group makes it partial', () => {
  expect(acknowledgement("UCI+R1+A+B+7'UCM+1+ORDERS:D:96A:UN+7'UCS+3+35'")).toMatchObject({
    state: 'with_errors',
    messages: [{ state: 'accepted', findings: [{ severity: 'warning' }] }],
  })
  expect(acknowledgement("UCI+R1+A+B+7'UCF+G1+A+B+4+29+UNE+2'")).toMatchObject({
    state: 'partial',
    messages: [],
  })
})

it('what is no CONTRL, or names no interchange, is no acknowledgement', () => {
  expect(edifactFormat.readAcknowledgement(read(sample('orders-d96a.edi')).messages[0]!)).toBeNull()
  expect(acknowledgement("UCI++A+B+7'")).toBeNull()
  expect(acknowledgement("UCM+1'")).toBeNull()
})

it('what we answer is read as we meant it', () => {
  const judged = judge(sample('orders-one-bad.edi'))
  const answer = edifactFormat.acknowledge(judged)!
  const message = { wireType: 'CONTRL', tree: answer.tree } as ReadMessage
  const understood = edifactFormat.readAcknowledgement(message)
  expect(understood).toMatchObject({
    state: 'partial',
    interchangeReference: 'R000346',
    sender: judged.interchange.sender,
  })
  expect(understood?.messages[0]?.findings.map((one) => one.position)).toEqual([
    { segment: 2 },
    { segment: 14, element: 1, component: 2 },
  ])
})

it.each([
  ['senderUnknown', 2, '4+23+UNB+3'],
  ['receiverUnknown', 3, '4+7+UNB+4'],
] as const)('an interchange whose %s is answered by UCI alone', (code, element, expected) => {
  const judged = judge(sample('orders-d96a.edi'))
  const answerCode = code === 'senderUnknown' ? '23' : '7'
  const position = { segment: 1, tag: 'UNB', element }
  const finding: Finding = { code, severity: 'error', message: '', position, answerCode }
  expect(
    answerTo(sample('orders-d96a.edi'), {}, { ...judged, findings: [finding], state: 'rejected' }),
  ).toEqual(['UNH+1+CONTRL:2:2:UN', `UCI+${parties}+${expected}`])
})

it('a segment that is missing behind UNH is reported by UCS 1, not by UCM', () => {
  const text = sample('orders-d96a.edi').toString('latin1')
  const cut = text.replace(/BGM[^']*'\s*/, '').replace('UNT+28', 'UNT+27')
  expect(answerTo(cut)?.slice(2)).toEqual(['UCM+1+ORDERS:D:96A:UN:EAN008+4', 'UCS+1+13'])
})

it('faults of one place with one code are reported once', () => {
  const judged = judge(sample('orders-one-bad.edi'))
  const bad = judged.messages.find((one) => !one.accepted)!
  bad.findings = [...bad.findings, ...bad.findings]
  expect(answerTo('', {}, judged)?.slice(2)).toEqual([
    'UCM+2+ORDERS:D:96A:UN:EAN008+4',
    'UCS+2+13',
    'UCS+14',
    'UCD+37+2:2',
  ])
})
