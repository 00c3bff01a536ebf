import { checkCanonical } from '#hub/canonical/index.ts'
import { formats } from '#hub/formats/index.ts'
import type { XmlElement } from '#hub/formats/xml/index.ts'
import { codes } from '#hub/model/codes/index.ts'
import { HubError, messageOf } from '#hub/model/errors.ts'
import type { Finding } from '#hub/model/findings.ts'
import type { ReadMessage } from '#hub/model/format.ts'
import type { CanonicalDocument, MappedMessage } from '#hub/model/mapping.ts'
import type { OwnMapping } from './compile.ts'
import type { MappingFacts, MappingTest } from './document.ts'

export interface TestResult {
  name: string
  index: number
  /** What is not as it was expected, or null. */
  failure: string | null
}

/** Runs the test cases that a mapping has, each on its own. */
export async function runTests(mapping: OwnMapping, facts: MappingFacts): Promise<TestResult[]> {
  const results: TestResult[] = []
  for (const [index, test] of facts.tests.entries()) {
    const failure =
      facts.direction === 'toCanonical' ? await testReading(mapping, test) : await testWriting(mapping, test)
    results.push({ name: test.name, index, failure })
  }
  return results
}

export function failureOf({ name, failure }: TestResult): string {
  return `the test case "${name}" fails: ${failure}`
}

async function testReading(mapping: OwnMapping, test: MappingTest): Promise<string | null> {
  const message = messageIn(mapping, test.input as string)
  if (typeof message === 'string') return message
  const ran = await caught(async () => {
    const { canonical, findings } = await mapping.toCanonical(message)
    return { value: canonical, findings: [...findings, ...checkCanonical(canonical)] }
  })
  const judged = judge(ran, test)
  if (judged !== undefined) return judged
  return firstDifference(test.output, ran.value, '')
}

async function testWriting(mapping: OwnMapping, test: MappingTest): Promise<string | null> {
  const canonical = test.input as CanonicalDocument
  const wrong = checkCanonical(canonical)[0]
  if (wrong !== undefined) return `its input is no canonical document: ${wrong.message}`
  const context = { sender: null, receiver: null, settings: test.settings ?? {} }
  const ran = await caught(async () => {
    const message = await mapping.fromCanonical(canonical, context)
    return { value: message, findings: message.findings }
  })
  const judged = judge(ran, test)
  return judged === undefined ? compareWritten(ran.value!, test.output as string) : judged
}

interface Ran<Value> {
  value: Value | null
  findings: readonly Finding[]
  thrown: unknown
}

async function caught<Value>(
  work: () => Promise<{ value: Value; findings: readonly Finding[] }>,
): Promise<Ran<Value>> {
  try {
    return { ...(await work()), thrown: null }
  } catch (error) {
    return { value: null, findings: [], thrown: error }
  }
}

/** What comes of refusals, expected and not; undefined where there is none, and the output is to be compared. */
function judge({ findings, thrown }: Ran<unknown>, { refused }: MappingTest): string | null | undefined {
  const errors = findings
    .filter(({ severity }) => severity === 'error')
    .map(({ code, message }) => ({ code: codes[code].code as string, message }))
  if (thrown instanceof HubError) errors.push({ code: codes[thrown.code].code, message: thrown.message })
  else if (thrown !== null) errors.push({ code: codes.mappingFailed.code, message: messageOf(thrown) })
  if (refused !== undefined)
    return errors.some(({ code }) => code === refused)
      ? null
      : `expected to be refused with ${refused}${errors[0] === undefined ? '' : `, and not with ${errors[0].code} ${errors[0].message}`}`
  const [first] = errors
  return first === undefined ? undefined : `it is refused with ${first.code}: ${first.message}`
}

/** A message of the mapping's format; of EDIFACT also one without its envelope. What is wrong, in words. */
function messageIn({ format }: OwnMapping, text: string): ReadMessage | string {
  const whole = format === 'edifact' ? withEnvelope(text) : text
  const reader = formats[format].reader()
  const found: ReadMessage[] = []
  for (const event of [...reader.push(Buffer.from(whole, 'utf8')), ...reader.end()]) {
    if (event.kind === 'message') found.push(event.message)
    if (event.kind === 'fault') return `its input cannot be read: ${event.findings[0]?.message}`
  }
  return found.length === 1 ? found[0]! : `its input holds ${found.length} messages, expected one`
}

/** Segments that begin with UNH or with the first of the content get what is missing around them. */
function withEnvelope(text: string): string {
  const body = text.trim()
  if (/^(UNA|UNB)/.test(body)) return body
  const segments = body.split(/(?<=(?<!\?)')\s*/).filter((part) => part !== '')
  const message = body.startsWith('UNH')
    ? segments
    : ["UNH+1+ORDERS:D:96A:UN'", ...segments, `UNT+${segments.length + 2}+1'`]
  return `UNB+UNOY:4+TEST+TEST+20260101:0000+1'${message.join('')}UNZ+1+1'`
}

function compareWritten(
  { format, tree, wireType, version, guide }: MappedMessage,
  expected: string,
): string | null {
  const bytes = formats[format].write({
    sender: { scheme: 'unb', value: 'TEST' },
    receiver: { scheme: 'unb', value: 'TEST' },
    reference: '1',
    env: 'test',
    at: new Date('2026-01-01T00:00:00Z'),
    messages: [{ wireType, version, guide, reference: '1', tree }],
    terms: { syntax: 'UNOY:4', lineEnds: 'lf' },
  })
  const text = bytes.toString('utf8')
  if (format === 'edifact') return firstLineThatDiffers(expected, segmentsIn(text))
  const read = (from: string): unknown => {
    const reader = formats[format].reader()
    const events = [...reader.push(Buffer.from(from.trim(), 'utf8')), ...reader.end()]
    const message = events.flatMap((event) => (event.kind === 'message' ? [event.message] : []))[0]
    if (message === undefined) return undefined
    return format === 'xml'
      ? bareXml(message.tree as XmlElement)
      : (JSON.parse(JSON.stringify(message.tree)) as unknown)
  }
  const wanted = read(expected)
  if (wanted === undefined) return 'its output cannot be read in the format of the mapping'
  return firstDifference(wanted, read(text), '', true)
}

/** The content of a message, a segment a line, without envelope, UNH and UNT. */
function segmentsIn(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim().replace(/'$/, ''))
    .filter((line) => line !== '' && !/^(UNA|UNB|UNH|UNT|UNZ)/.test(line))
}

function firstLineThatDiffers(expected: string, found: readonly string[]): string | null {
  const wanted = segmentsIn(expected.replace(/(?<!\?)'\s*(?=[A-Z]{3}[+'])/g, "'\n"))
  for (let at = 0; at < Math.max(wanted.length, found.length); at++)
    if (wanted[at] !== found[at])
      return `segment ${at + 1} is \`${found[at] ?? 'nothing'}\`, expected \`${wanted[at] ?? 'nothing'}\``
  return null
}

/** An element as plain data, without what does not count: prefixes, places in the file, the order of attributes. */
function bareXml(element: XmlElement): unknown {
  const attributes = element.attributes.filter(({ name, prefix }) => prefix !== 'xmlns' && name !== 'xmlns')
  return {
    element: `{${element.namespace}}${element.name}`,
    ...Object.fromEntries(
      attributes
        .map(({ name, value }) => [`@${name}`, value])
        .toSorted(([one = ''], [other = '']) => (one < other ? -1 : 1)),
    ),
    content: element.content.map((one) => (typeof one === 'string' ? one.trim() : bareXml(one))),
  }
}

/** The first place where something expected is missing or different; with `exactly`, also where there is something more. */
function firstDifference(expected: unknown, found: unknown, path: string, exactly = false): string | null {
  if (typeof expected !== 'object' || expected === null) {
    if (expected === found) return null
    return `${path === '' ? 'it' : path} is ${shown(found)}, expected ${shown(expected)}`
  }
  if (typeof found !== 'object' || found === null)
    return `${path === '' ? 'it' : path} is ${shown(found)}, expected ${shown(expected)}`
  const [wanted, there] = [expected as Record<string, unknown>, found as Record<string, unknown>]
  if (Array.isArray(expected) && Array.isArray(found) && expected.length !== found.length)
    return `${path} has ${found.length} items, expected ${expected.length}`
  for (const [name, value] of Object.entries(wanted)) {
    const at = Array.isArray(expected) ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`
    const difference = firstDifference(value, there[name], at, exactly)
    if (difference !== null) return difference
  }
  const more = exactly ? Object.keys(there).find((name) => !Object.hasOwn(wanted, name)) : undefined
  return more === undefined
    ? null
    : `${path === '' ? more : `${path}.${more}`} is ${shown(there[more])}, expected nothing`
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : (JSON.stringify(value) ?? '').slice(0, 120)
}
