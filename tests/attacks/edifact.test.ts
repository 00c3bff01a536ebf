import { afterAll, beforeAll, expect, test } from 'vitest'
import { limits } from '#hub/base/limits.ts'
import { openArena, type Arena, type Outcome } from './arena.ts'
import { filled, repeated } from './bombs.ts'
import { edifactMessage, goodOrder, mallory, neighbour, supplier } from './orders.ts'
import { expectNamedEnd, expectUnharmed } from './verdict.ts'

/* EDIFACT against a running hub: what it makes of it is seen in the documents and in the bytes of its CONTRL. */

let arena: Arena
beforeAll(async () => {
  arena = await openArena()
})
afterAll(async () => {
  await expectUnharmed(arena)
  await arena.close()
})

/** A good order under a control reference of its own, changed. */
function changed(reference: string, ...changes: [string, string][]): Buffer {
  let text = goodOrder('edifact', reference).toString('latin1')
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`the order has no ${from}`)
    text = text.replace(from, to)
  }
  return Buffer.from(text, 'latin1')
}

/** Posts a file, and expects its interchange or its message rejected. */
async function refused(body: Parameters<Arena['post']>[0], what: string, mostMs = 60_000): Promise<Outcome> {
  const outcome = await arena.attack(body, mostMs)
  expectNamedEnd(outcome.documents, outcome.findings, what)
  expect(
    outcome.documents.some(({ processing }) => processing === 'rejected'),
    what,
  ).toBe(true)
  return outcome
}

/** The CONTRL that answers a control reference. */
async function answerTo(reference: string): Promise<string> {
  return arena.collected('attacker', `UCI+${reference}+`)
}

test('E1 an interchange cut at any segment routes nothing, and what stands behind UNZ does not undo what it closes', async () => {
  const text = goodOrder('edifact', 'E1').toString('latin1')
  const cuts = [...text.matchAll(/'\n/g)].map(({ index }) => index + 1).slice(0, -1)
  for (const cut of cuts) {
    const { documents } = await refused(Buffer.from(text.slice(0, cut)), `cut at ${cut}`)
    expect(documents.every(({ processing }) => processing === 'rejected')).toBe(true)
  }
  const behind = await arena.attack(Buffer.from(`${text}LIN+1'garbage`))
  expect(behind.documents.map(({ processing }) => processing).sort()).toEqual(['processed', 'rejected'])
})

test('E2 a segment without end is refused at its limit', async () => {
  const endless = filled(
    8 * 1024 * 1024,
    `${head('E2')}UNH+1+ORDERS:D:96A:UN'FTX+`,
    'x',
    "'UNT+3+1'UNZ+1+E2'",
  )
  const { findings } = await refused(endless, 'a segment of 8 MiB')
  expect(findings[0]).toMatchObject({ code: 'segmentTooLong' })
  expect(findings[0]!.message).toContain(`${limits.segmentBytes} bytes`)
  const never = filled(8 * 1024 * 1024, `${head('E2-open')}UNH+1+ORDERS:D:96A:UN'FTX+`, 'x', '')
  await refused(never, 'a segment that never ends')
})

test('E3 an order of a million lines is refused by the limit on lines', { timeout: 200_000 }, async () => {
  const [start = '', end = ''] = edifactMessage('E3', mallory, 0).split("UNS+S'")
  const lines = 1_000_000
  const body = repeated(
    lines,
    `${head('E3')}${start}`,
    (id) => `LIN+${id}++5412345001010:EN'QTY+21:1:PCE'`,
    `UNS+S'${end}UNZ+1+E3'`,
  )
  const { findings } = await refused(body, 'a million lines', 180_000)
  expect(findings[0]).toMatchObject({ code: 'messageTooLarge' })
  expect(findings[0]!.message).toContain(`${limits.documentLines} lines (documentLines`)
})

test('E4 release characters: what they release is content, and one at the end is a fault', async () => {
  const names = ["Pain d?'or", 'a ?+ b ?: c', 'pourquoi??', "?'UNT?+9?+9?'", '????']
  for (const [index, name] of names.entries()) {
    const number = `E4-${index}`
    const line = `LIN+1++5412345001010:EN'\nIMD+F++:::${name}'`
    const { documents } = await arena.attack(
      changed(number, ["LIN+1++5412345001010:EN'", line], ['UNT+12', 'UNT+13']),
    )
    expect(documents, name).toMatchObject([{ processing: 'processed', code: null }])
    const output = await arena.collected('supplier', `BGM+220+${number}`)
    expect(output, name).toContain(`:::${name}'`)
  }
  // the terminator of UNZ is released: nothing closes
  await refused(Buffer.from(goodOrder('edifact', 'E4-end').toString().replace(/'\n$/, "?'")), 'UNZ released')
  await refused(Buffer.from(goodOrder('edifact', 'E4-last').toString().replace(/'\n$/, '?')), '? at the end')
})

test('E5 hostile separators are refused with 20 or 22', async () => {
  const hostile = [':+.+ ', '::.? ', 'A+.? ', ':9.? ', ':+.: ', ':+X? ', "'+.? ", '\r+.? ', ': .? ']
  for (const five of hostile) {
    const [component, element] = five
    const interchange = ["UNB+UNOC:3+S+R+261119:0915+E5'", "UNZ+0+E5'"].join('')
    const written = interchange.replaceAll('+', element!).replaceAll(':', component!)
    const what = JSON.stringify(five)
    const { findings } = await refused(Buffer.from(`UNA${five}'${written}`, 'latin1'), what)
    const answers = findings.map(({ answerCode }) => answerCode)
    expect(answers.includes('20') || answers.includes('22'), `${what} ${answers.join()}`).toBe(true)
  }
  const good = Buffer.concat([Buffer.from("UNA:+.? '"), goodOrder('edifact', 'E5-good')])
  expect((await arena.attack(good)).documents).toMatchObject([{ processing: 'processed' }])
})

test('E6 a byte outside the charset is answered with 21', async () => {
  const bodies: [string, Buffer][] = [
    ['E6A', changed('E6A', ['UNOC:3', 'UNOA:1'], ['CUX+2:EUR:9', 'FTX+AAI+++OK\xff'])],
    ['E6C', changed('E6C', ['CUX+2:EUR:9', 'FTX+AAI+++OK\x07'])],
    ['E6W', changed('E6W', ['UNOC:3', 'UNOW:4'], ['CUX+2:EUR:9', 'FTX+AAI+++\xc0\xaf'])],
  ]
  for (const [reference, body] of bodies) {
    const { findings } = await refused(body, reference)
    expect(
      findings.map(({ answerCode }) => answerCode),
      reference,
    ).toContain('21')
    expect(await answerTo(reference)).toMatch(/\+21[+']/)
  }
})

test('E7 counts and references that do not agree are answered with 29 and 28', async () => {
  const cases: [string, [string, string], string][] = [
    ['E7A', ['UNT+12+1', 'UNT+13+1'], '29'],
    ['E7B', ['UNT+12+1', 'UNT+12+2'], '28'],
    ['E7C', ['UNZ+1+', 'UNZ+2+'], '29'],
    ['E7D', ['UNZ+1+E7D', 'UNZ+1+OTHER'], '28'],
  ]
  for (const [reference, change, code] of cases) {
    await refused(changed(reference, change), reference)
    expect(await answerTo(reference), reference).toMatch(new RegExp(`\\+4\\+${code}[+']`))
  }
})

test('E8 a control reference that was used: the same content is a repeat, other content is refused', async () => {
  const first = await arena.attack(goodOrder('edifact', 'E8'))
  expect(first.documents).toMatchObject([{ processing: 'processed' }])
  const again = await arena.attack(goodOrder('edifact', 'E8'))
  expect(again.documents).toMatchObject([{ processing: 'duplicate' }])
  const other = await arena.attack(changed('E8', ['QTY+21:1:PCE', 'QTY+21:100:PCE']))
  expect(other.documents.map(({ processing }) => processing)).not.toContain('processed')
  expect(other.documents[0]!.code).toMatch(/^CD-\d{4}$/)
  const orders = (await arena.outbox('supplier')).filter((text) => text.includes('BGM+220+E8+'))
  expect(orders.join()).not.toContain('QTY+21:100')
})

test("E9 a sender that is not the channel's is refused, and nothing is routed in its name", async () => {
  const forged = changed('E9', [`UNB+UNOC:3+${mallory}`, `UNB+UNOC:3+${neighbour}`])
  const { documents } = await refused(forged, 'E9')
  expect(documents.every(({ processing }) => processing === 'rejected')).toBe(true)
  await arena.expectAlive()
  expect((await arena.outbox('supplier')).join('')).not.toContain('BGM+220+E9+')
})

test('E11 an answer is not answered, and a test interchange goes to nobody who is live', async () => {
  const contrl = `UNB+UNOC:3+${mallory}:14+${supplier}:14+261121:2200+E11'UNH+1+CONTRL:2:2:UN'UCI+A000001+${supplier}:14+${mallory}:14+7'UNT+3+1'UNZ+1+E11'`
  const answer = await arena.attack(Buffer.from(contrl))
  expectNamedEnd(answer.documents, answer.findings, 'CONTRL')
  const flagged = await refused(changed('E11T', ['+E11T++ORDERS', '+E11T++ORDERS++++1']), 'test indicator')
  expect(flagged.documents.every(({ processing }) => processing === 'rejected')).toBe(true)
  await arena.expectAlive()
  expect((await arena.outbox('attacker')).join('')).not.toContain('UCI+E11+')
  expect((await arena.outbox('supplier')).join('')).not.toContain('BGM+220+E11T+')
})

function head(reference: string): string {
  return `UNB+UNOC:3+${mallory}:14+${supplier}:14+261119:0915+${reference}'`
}
