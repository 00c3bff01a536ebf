import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { createLog } from '#hub/base/log.ts'
import { translateFile, tryMapping, type TranslatedDocument } from '#hub/tools.ts'
import { formats } from '#hub/formats/index.ts'
import type { ReadMessage } from '#hub/model/format.ts'

const log = createLog('silent')
const folder = new URL('../../../docs/examples/', import.meta.url)
const order = await readFile(new URL('order-345.edi', folder))
const jsonOrder = await readFile(new URL('order-346.json', folder))
const configuration = await Promise.all(
  ['verdier.yaml', 'brouwer.yaml', 'agreements.yaml'].map(async (path) => ({
    path,
    text: await readFile(new URL(path, folder), 'utf8'),
  })),
)

function edited(from: string, to: string): Buffer {
  expect(order.toString()).toContain(from)
  return Buffer.from(order.toString().replace(from, to))
}

function told({ verdict, known, outputs }: TranslatedDocument) {
  return {
    verdict: verdict.kind,
    code: 'code' in verdict ? verdict.code : null,
    findings: known.findings.map(({ code }) => code),
    outputs: outputs.map(({ format }) => format),
  }
}

test('a file is translated by names, and what comes out translates back to the same canonical document', async () => {
  const [document] = await translateFile(order, { from: 'order/edifact-d96a', to: 'order/ubl-2.1' }, log)
  expect(told(document!)).toMatchObject({ verdict: 'mapped', outputs: ['xml'] })
  const [back] = await translateFile(
    document!.outputs[0]!.bytes,
    { from: null, to: 'order/edifact-d96a' },
    log,
  )
  expect(told(back!)).toMatchObject({ verdict: 'mapped', outputs: ['edifact'] })
  expect(back!.known.number).toBe('345')
  expect(back!.known.canonical).toEqual(document!.known.canonical)
})

test('by configuration files a document finds its receiver and form as in a hub to which they were applied', async () => {
  for (const bytes of [order, jsonOrder]) {
    const [document] = await translateFile(bytes, { files: configuration, from: null, to: null }, log)
    expect(told(document!)).toMatchObject({ verdict: 'mapped', outputs: ['edifact'] })
    expect(document!.outputs[0]!.bytes.toString()).toContain('+3012345000017:14+5412345000013:14+')
  }
})

test('what is missing in a document is said with its code, in the words of its format', async () => {
  const bad = edited("DTM+137:20261119:102'\n", '').toString().replace('UNT+21', 'UNT+20')
  const [document] = await translateFile(Buffer.from(bad), { from: null, to: 'order/json' }, log)
  expect(told(document!)).toMatchObject({ verdict: 'rejected', code: 'canonicalIncomplete', outputs: [] })
  expect(document!.known.findings[0]!.message).toContain('add DTM+137')
  const cut = order.subarray(0, 400)
  const [open] = await translateFile(cut, { from: null, to: 'order/json' }, log)
  expect(told(open!)).toMatchObject({ verdict: 'rejected', code: 'interchangeOpen' })
  const [unread] = await translateFile(Buffer.from('no format at all'), { from: null, to: 'order/json' }, log)
  expect(told(unread!)).toMatchObject({ verdict: 'rejected', code: 'formatUnknown' })
})

test('a document above a guard rail is held, and one without an agreement is rejected, as in the hub', async () => {
  const few = configuration.map(({ path, text }) => ({
    path,
    text: text.replace('linesMax: 500', 'linesMax: 1').replace('250000.00', '1.00'),
  }))
  const [held] = await translateFile(jsonOrder, { files: few, from: null, to: null }, log)
  expect(told(held!)).toMatchObject({ verdict: 'held', code: 'guardRail', outputs: [] })
  const alone = configuration.filter(({ path }) => path !== 'agreements.yaml')
  const [rejected] = await translateFile(order, { files: alone, from: null, to: null }, log)
  expect(told(rejected!)).toMatchObject({ verdict: 'rejected', code: 'agreementMissing' })
})

test('whose file it is has to be known: a stranger is asked back, unless --from says it', async () => {
  const strange = Buffer.from(order.toString().replaceAll('3012345000017', '3099999000014'))
  await expect(
    translateFile(strange, { files: configuration, from: null, to: null }, log),
  ).rejects.toMatchObject({
    code: 'nameUnknown',
    message: expect.stringContaining('gln 3099999000014'),
  })
  const [document] = await translateFile(strange, { files: configuration, from: 'verdier', to: null }, log)
  expect(told(document!)).toMatchObject({ verdict: 'rejected', code: 'senderUnknown' })
  await expect(
    translateFile(order, { files: configuration, from: 'verdierr', to: null }, log),
  ).rejects.toThrow('did you mean `verdier`?')
  const faulty = [{ path: 'x.yaml', text: 'partner: { key: a }' }]
  await expect(translateFile(order, { files: faulty, from: null, to: null }, log)).rejects.toMatchObject({
    code: 'configInvalid',
  })
})

test('the mapping of the library says what a message lacks, without a partner', async () => {
  const bad = edited("BGM+220+345+9'", "BGM+220++9'")
  const events = [...formats.edifact.reader().push(bad)]
  const message = events.flatMap((event): ReadMessage[] =>
    event.kind === 'message' ? [event.message] : [],
  )[0]!
  const tried = await tryMapping(message, log)
  expect(tried).toMatchObject({ mapping: 'order/edifact-d96a', canonical: null })
  expect(tried!.findings.map(({ code, severity }) => [code, severity])).toContainEqual([
    'canonicalMissing',
    'error',
  ])
  expect(await tryMapping({ ...message, wireType: 'IFTMIN' }, log)).toBeNull()
})
