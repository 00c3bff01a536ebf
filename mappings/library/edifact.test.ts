import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { checkCanonical } from '#hub/canonical/index.ts'
import { edifactFormat } from '#hub/formats/edifact/index.ts'
import type { Finding } from '#hub/model/findings.ts'
import type { ReadMessage } from '#hub/model/format.ts'
import type { MappedMessage } from '#hub/model/mapping.ts'
import { libraryMappings } from '#mappings/engine/index.ts'

const here = new URL('.', import.meta.url)

/** Samples of the mappings that are rules: every folder that has some. */
const samples = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'order' && entry.name !== 'parts')
  .flatMap(({ name }) =>
    readdirSync(new URL(`${name}/samples/`, here))
      .filter((file) => file.endsWith('.edi'))
      .map((file) => ({ folder: name, file })),
  )

function read(bytes: Buffer): ReadMessage {
  const reader = edifactFormat.reader()
  const messages = [...reader.push(bytes), ...reader.end()].flatMap((event) =>
    event.kind === 'message' ? [event.message] : [],
  )
  expect(messages).toHaveLength(1)
  return messages[0]!
}

/** What is wrong with how the message is built; codes of EANCOM, which the lists of the directory lack, are warnings. */
function faultsOf(message: ReadMessage): Finding[] {
  return [...message.findings, ...edifactFormat.check(message)].filter(({ severity }) => severity === 'error')
}

function written(message: MappedMessage): Buffer {
  return edifactFormat.write({
    sender: { scheme: 'gln', value: '3020180000017' },
    receiver: { scheme: 'gln', value: '5412070000012' },
    reference: '118',
    env: 'live',
    at: new Date('2026-11-20T13:36:00Z'),
    messages: [{ ...message, reference: '1' }],
    terms: { syntax: 'UNOC:3', lineEnds: 'lf' },
  })
}

function typeOf(message: ReadMessage): string {
  return libraryMappings.typeOf('edifact', message.wireType, message.documentCode)!
}

describe.each(samples)('$folder: $file', ({ folder, file }) => {
  const path = (name: string) => new URL(`${folder}/samples/${name}`, here)
  const message = read(readFileSync(path(file)))
  const type = typeOf(message)

  test('is read without a finding and gives the canonical document beside it', async () => {
    expect(faultsOf(message)).toEqual([])
    const { canonical, findings } = libraryMappings.toCanonical(`${type}/edifact-d96a`, message)
    expect(findings).toEqual([])
    expect(checkCanonical(canonical)).toEqual([])
    const text = `${JSON.stringify(canonical, null, 2)}\n`
    await expect(text).toMatchFileSnapshot(path(file.replace('.edi', '.json')).pathname)
  })

  test.each(['edifact-d96a', 'edifact-d01b'])('is written as %s and read back the same', async (name) => {
    const { canonical } = libraryMappings.toCanonical(`${type}/edifact-d96a`, message)
    const context = { sender: null, receiver: null, settings: {} }
    const mapped = libraryMappings.fromCanonical(`${type}/${name}`, canonical, context)
    expect(mapped.findings).toEqual([])
    const bytes = written(mapped)
    const golden = path(`written/${file.replace('.edi', `.${name}.edi`)}`).pathname
    await expect(bytes.toString('latin1')).toMatchFileSnapshot(golden)
    const again = read(bytes)
    expect(faultsOf(again)).toEqual([])
    const back = libraryMappings.toCanonical(`${type}/${name}`, again)
    expect(back).toEqual({ canonical, findings: [] })
  })
})
