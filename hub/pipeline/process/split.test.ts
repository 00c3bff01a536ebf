import { expect, test } from 'vitest'
import { limits } from '#hub/base/limits.ts'
import { edifactFormat } from '#hub/formats/edifact/index.ts'
import { newId, type TransmissionId } from '#hub/model/ids.ts'
import { documentsOf, startSurvey } from './split.ts'
import { slicesOf } from './turns.ts'
import type { ReceivedFile } from './stages.ts'

const message = "UNH+1+ORDERS:D:96A:UN'UNT+2+1'"
const interchange = (reference: number, messages: number) =>
  `UNB+UNOC:3+S+R+260114:0915+${reference}'${message.repeat(messages)}UNZ+${messages}+${reference}'`

function documentsIn(text: string) {
  const bytes = Buffer.from(text)
  const channel = { settings: {} }
  const file = {
    transmissionId: newId<TransmissionId>(),
    channel,
    sizeBytes: bytes.length,
    bytes,
  } as ReceivedFile
  const survey = startSurvey(file, edifactFormat)
  const reader = edifactFormat.reader()
  for (const slice of slicesOf(bytes)) for (const event of reader.push(slice)) survey.take(event)
  for (const event of reader.end()) survey.take(event)
  return documentsOf(file, survey.finish(null))
}

test('an interchange with too many messages is refused as one, and what stands before it is taken', () => {
  const documents = documentsIn(
    interchange(1, 2) + interchange(2, limits.interchangeMessages) + interchange(3, 1),
  )
  expect(documents.map((one) => one.refusal?.code ?? 'taken')).toEqual(['taken', 'taken', 'tooManyDocuments'])
  const refused = documents.at(-1)!
  expect(refused.message).toBeNull()
  expect(refused.refusal?.findings.map((one) => one.message).join()).toContain(
    `${limits.interchangeMessages} documents and interchanges (interchangeMessages, the hub's limit)`,
  )
})

test('of too many interchanges the rest is refused as one', () => {
  const documents = documentsIn("UNB+UNOC:3+S+R+260114:0915+1'UNZ+0+1'".repeat(limits.fileInterchanges + 100))
  expect(documents).toHaveLength(limits.fileInterchanges + 1)
  const { refusal } = documents.at(-1)!
  expect(refusal?.code).toBe('tooManyDocuments')
  expect(refusal?.findings.at(-1)).toMatchObject({
    message: expect.stringContaining('(fileInterchanges, ') as string,
    position: { interchange: limits.fileInterchanges + 1 },
  })
})
