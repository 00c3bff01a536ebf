import { expect, it } from 'vitest'
import { limits } from '#hub/base/limits.ts'
import { enveloped, read, sample, segmentsOf } from './samples/read.ts'
import { valueOf } from './tree.ts'

const orders = sample('orders-d96a.edi')

it('lines can end segments without any announcement', () => {
  const { messages, findings } = read(sample('orders-line-terminated.edi'))
  expect(findings).toEqual([])
  expect(messages).toMatchObject([{ parts: 28, lines: 3 }])
  const crlf = sample('orders-line-terminated.edi').toString('latin1').replaceAll('\n', '\r\n')
  expect(read(crlf)).toMatchObject({ findings: [], messages: [{ parts: 28 }] })
})

it('a byte-order mark and blank lines before the interchange are passed over', () => {
  const { findings, messages } = read(Buffer.concat([Buffer.from('\ufeff \r\n\t'), orders]))
  expect(findings).toEqual([])
  expect(messages[0]?.offset).toBe(orders.indexOf('UNH') + 7)
})

it('wrapped lines are joined, with one warning', () => {
  const text = enveloped("BGM+220+450\r\n0012345+9'FTX+AAI+++a\nb'")
  const { messages, findings } = read(text)
  expect(findings).toMatchObject([{ code: 'lineBreakInSegment', severity: 'warning' }])
  expect(messages[0]?.number).toBe('4500012345')
})

it('under UTF-8 line breaks inside a value are content', () => {
  const { messages, findings } = read(enveloped("FTX+AAI+++a\nb'").replace('UNOC:3', 'UNOW:4'))
  expect(findings).toEqual([])
  expect(valueOf(segmentsOf(messages[0])[1], 4)).toBe('a\nb')
})

it('a damaged message keeps its faults to itself', () => {
  const text = sample('orders-one-bad.edi').toString('latin1').replace("CNT+2:3'\nUNT+26+2'\n", '')
  const { messages, errors } = read(text)
  expect(messages.map((one) => [one.number, one.findings.map((finding) => finding.code)])).toEqual([
    ['4500012345', []],
    ['4500012346', ['messageTrailerMissing']],
    ['4500012347', []],
  ])
  expect(errors).toEqual(['messageTrailerMissing'])
})

it('an interchange that begins inside another ends that one open', () => {
  const cut = orders.toString('latin1').replace("UNZ+1+R000345'\n", '')
  const { trailers, interchanges } = read(cut + orders.toString('latin1'))
  expect(interchanges.map((one) => one.position)).toEqual([1, 2])
  expect(trailers.map((one) => one.closed)).toEqual([false, true])
})

it('messages without an interchange are read, and said to lack it', () => {
  const message = orders.toString('latin1', orders.indexOf('UNH'), orders.indexOf('UNZ'))
  const reading = read(message)
  expect(reading.errors).toEqual(['interchangeHeaderMissing', 'interchangeOpen'])
  expect(reading.messages).toMatchObject([{ number: '4500012345' }])
})

it('garbage is one fault, and an interchange is taken up again only at a boundary', () => {
  const text = `junk UN UNH+1 xUNB+UNOC:3+A\n${orders.toString('latin1')}tail UNB+ x`
  const whole = read(text)
  expect(whole.events.map((event) => event.kind)).toEqual([
    'fault',
    'interchange',
    'message',
    'trailer',
    'fault',
  ])
  expect(whole.interchanges[0]).toMatchObject({ reference: 'R000345', offset: text.indexOf('UNA') })
  for (const chunk of [1, 2, 5, 11]) expect(read(text, { chunk }).events).toEqual(whole.events)
})

it('groups and messages mixed, empty groups and unpaired ones are found', () => {
  const unb = "UNB+UNOC:3+S+R+260114:0915+1'"
  const message = "UNH+1+ORDERS:D:96A:UN'UNT+2+1'"
  const ung = "UNG+ORDERS+A+B+260114:0915+G1+UN+D:96A'"
  expect(read(`${unb}${ung}${message}UNE+1+G1'${message}UNZ+1+1'`).errors).toEqual(['groupsMixed'])
  expect(read(`${unb}${ung}UNE+0+G1'UNZ+1+1'`).errors).toEqual(['envelopeEmpty'])
  expect(read(`${unb}${ung}${message}UNZ+1+1'`).errors).toEqual(['groupOpen'])
  expect(read(`${unb}${message}UNE+1+G1'UNZ+1+1'`).errors).toEqual(['groupOpen'])
  expect(read(`${unb}UNZ+0+1'`).errors).toEqual(['noDocument'])
  expect(read(`${unb}${message}DTM+1'UNZ+1+1'`).errors).toEqual(['betweenMessages'])
})

it('any value in 0035 means that the interchange is not live', () => {
  const header = (test: string): string => `UNB+UNOC:3+S+R+260114:0915+1++++++${test}'UNZ+0+1'`
  expect(['', '0', '1', '2'].map((test) => read(header(test)).interchanges[0]?.env)).toEqual([
    'live',
    'test',
    'test',
    'test',
  ])
})

it('identities keep their qualifier as a scheme, and their internal address', () => {
  const { interchanges } = read("UNB+UNOC:3+123456789:1:IN+ACME:ZZ+260114:0915+1'UNZ+0+1'")
  expect(interchanges[0]).toMatchObject({
    sender: { scheme: 'duns', value: '123456789', internal: 'IN' },
    receiver: { scheme: 'unb:ZZ', value: 'ACME' },
  })
  expect(read("UNB+UNOC:3+A+B:14+260114:0915+1'UNZ+0+1'").interchanges[0]?.sender).toEqual({
    scheme: 'unb',
    value: 'A',
  })
})

it('interactive interchanges (UIB) are read with their messages', () => {
  const text =
    "UNA:+./*'\nUIB+UNOA:4+D1++++APP:C+OTHER:P+20260114:0915'\nUIH+ORDERS:D:96A:UN+7'\nBGM+220+A1+9'\nUIT+7+3'\nUIZ+D1+1'"
  const { messages, trailers, errors } = read(text)
  expect(errors).toEqual([])
  expect(messages).toMatchObject([{ wireType: 'ORDERS', version: 'D.96A', reference: '7', number: 'A1' }])
  expect(trailers).toMatchObject([{ closed: true }])
})

it('findings of one message are listed up to the limit, then cut with a note', () => {
  const { messages } = read(enveloped("FTX+AAI+++\x01'".repeat(limits.findingsKept + 50)))
  expect(messages[0]?.findings).toHaveLength(limits.findingsKept + 1)
  expect(messages[0]?.findings.at(-1)).toMatchObject({ code: 'findingsCut', severity: 'note' })
})

it('the names of a message are kept without the control characters that were sent in them', () => {
  const { messages } = read(enveloped("BGM+220+4\x0055+4\x01'", 'ORD\0ERS:D:96\x7fA:UN:\x02'))
  expect(messages).toMatchObject([
    {
      wireType: 'ORD\ufffdERS',
      version: 'D.96\ufffdA',
      guide: '\ufffd',
      number: '4\ufffd55',
      function: '4\ufffd',
    },
  ])
})
