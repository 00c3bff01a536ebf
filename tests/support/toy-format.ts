import type { Finding } from '#hub/model/findings.ts'
import type {
  Format,
  FormatEvent,
  ReadInterchange,
  ReadMessage,
  SyntaxAcknowledgement,
  WireIdentity,
} from '#hub/model/format.ts'

/**
 * A format of lines that stands in for EDIFACT in tests of the pipeline: small enough to see all of it, and able to fail
 * on purpose.
 *
 *     IC|<sender gln>|<receiver gln>|<reference>|<ack or nothing>
 *     MSG|<type>|<number>|<quantity>|<message reference>
 *     ACK|<reference answered>|<state>|<message reference rejected>
 *     END|<messages>
 *
 * It is UTF-8, or `latin1` where that is asked. A line `CRASH` makes the reader throw; the type `FAULTY` has an error finding; the quantity `boom` crashes the mapping.
 */
export const toyFormat: Format = {
  name: 'edifact',
  bearsReferences: true,
  detect: (head) => head.subarray(0, 3).toString() === 'IC|',
  reader: ({ charset } = {}) => {
    const state: ReaderState = { rest: '', offset: 0, open: null }
    return {
      push: (chunk) => takeText(state, chunk.toString(charset === 'latin1' ? 'latin1' : 'utf8')),
      end: () => {
        const events = state.rest === '' ? [] : takeLine(state, state.rest)
        if (state.open !== null) events.push(trailer(state, false, []))
        return events
      },
    }
  },
  check: ({ wireType, position }) =>
    wireType === 'FAULTY' ? [fault('messageFaulty', `message ${position} is faulty`)] : [],
  write: ({ sender, receiver, reference, messages }) => {
    if (messages.some((message) => message.tree === 'unwritable')) throw new Error('cannot write this')
    const lines = messages.map(({ wireType, reference: ref, tree }) =>
      wireType === 'CONTRL' ? `ACK|${String(tree)}` : `MSG|${wireType}|${String(tree)}|${ref}`,
    )
    return Buffer.from(
      [
        `IC|${sender?.value ?? ''}|${receiver?.value ?? ''}|${reference}|`,
        ...lines,
        `END|${messages.length}`,
      ].join('\n'),
    )
  },
  acknowledge: ({ interchange, state, messages }) => ({
    wireType: 'CONTRL',
    version: '1',
    reference: '',
    tree:
      interchange.reference === 'unwritable'
        ? 'unwritable'
        : `${interchange.reference}|${state}|${messages.map((each) => (each.accepted ? 'y' : 'n')).join('')}`,
  }),
  readAcknowledgement: ({ tree, wireType }): SyntaxAcknowledgement | null => {
    if (wireType !== 'CONTRL') return null
    const [interchangeReference = '', state = '', rejected = '', sender] = String(tree).split('|')
    return {
      interchangeReference,
      sender: sender === undefined ? null : gln(sender),
      receiver: null,
      state: state as SyntaxAcknowledgement['state'],
      messages: rejected === '' ? [] : [{ reference: rejected, state: 'rejected', findings: [] }],
      findings: [],
    }
  },
}

interface ReaderState {
  rest: string
  offset: number
  open: { messages: number; interchanges: number } | null
}

function takeText(state: ReaderState, text: string): FormatEvent[] {
  const lines = (state.rest + text).split('\n')
  state.rest = lines.pop()!
  return lines.flatMap((line) => takeLine(state, line, 1))
}

function takeLine(state: ReaderState, line: string, lineEnd = 0): FormatEvent[] {
  const offset = state.offset
  state.offset += line.length + lineEnd
  const [tag = '', ...values] = line.split('|')
  switch (tag) {
    case 'CRASH':
      throw new Error('the toy reader crashes on purpose')
    case 'IC':
      state.open = { messages: 0, interchanges: 1 }
      return [{ kind: 'interchange', interchange: interchangeOf(values, offset) }]
    case 'MSG':
    case 'ACK':
      state.open!.messages += 1
      return [
        { kind: 'message', message: messageOf(tag, values, { ...state.open!, offset, length: line.length }) },
      ]
    case 'END': {
      const counted = state.open!.messages
      const findings =
        Number(values[0]) === counted
          ? []
          : [fault('interchangeRejected', `END says ${values[0]}, not ${counted}`)]
      return [trailer(state, true, findings)]
    }
    default:
      return line === ''
        ? []
        : [{ kind: 'fault', findings: [fault('formatUnknown', 'not a line of the toy')] }]
  }
}

function trailer(state: ReaderState, closed: boolean, findings: Finding[]): FormatEvent {
  const messages = state.open!.messages
  state.open = null
  return { kind: 'trailer', trailer: { closed, messages, offset: state.offset, findings } }
}

function interchangeOf([sender, receiver, reference, ack, env]: string[], offset: number): ReadInterchange {
  return {
    format: 'edifact',
    syntax: 'TOY:1',
    position: 1,
    sender: gln(sender),
    receiver: gln(receiver),
    reference: (reference ?? '').replaceAll('<NUL>', '\0'),
    env: env === 'live' ? 'live' : 'test',
    acknowledgementRequested: ack === 'ack' ? 'full' : 'none',
    header: null,
    offset,
    findings: [],
  }
}

function messageOf(
  tag: string,
  values: string[],
  { messages, offset, length }: { messages: number; offset: number; length: number },
): ReadMessage {
  const [wireType = '', number = '', quantity = '', reference = ''] = values
  const own = tag === 'MSG'
  return {
    format: 'edifact',
    position: messages,
    wireType: own ? wireType : 'CONTRL',
    version: '1',
    guide: '',
    reference: own ? reference.replaceAll('<NUL>', '\0') : '',
    number: own ? number.replaceAll('<NUL>', '\0') : null,
    function: own ? 'original' : null,
    sender: null,
    receiver: null,
    tree: own ? `${number}|${quantity}` : values.join('|'),
    parts: 1,
    lines: own ? 1 : 0,
    offset,
    length,
    findings: [],
  }
}

function gln(value: string | undefined): WireIdentity | null {
  return value ? { scheme: 'gln', value } : null
}

function fault(code: 'formatUnknown' | 'messageFaulty' | 'interchangeRejected', message: string): Finding {
  return { code, severity: 'error', message, position: {} }
}
