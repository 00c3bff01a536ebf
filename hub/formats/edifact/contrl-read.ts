import type { ReadMessage, SyntaxAcknowledgement } from '#hub/model/format.ts'
import type { Finding, Position } from '#hub/model/findings.ts'
import { identityOf } from './envelope.ts'
import { addFinding } from './findings.ts'
import { syntaxErrors } from './syntax-errors.ts'
import { valueOf, type EdifactMessage, type EdifactSegment } from './tree.ts'

/**
 * Reads a CONTRL of any version (2:2, D:3, 3:1, 4:1, of any agency): what it says about an interchange of ours and its
 * messages. Null if the message is none, or names no interchange. The older actions 1, 2, 3, 5 and 6 are understood.
 * Findings carry 0085 as `answerCode` and the place in our message; their message names both in words.
 */
export function readContrl(message: ReadMessage): SyntaxAcknowledgement | null {
  if (message.wireType !== 'CONTRL') return null
  const { segments } = message.tree as EdifactMessage
  const response = segments.find((one) => one.tag === 'UCI')
  const interchangeReference = valueOf(response, 1)
  if (!response || interchangeReference === '') return null
  const reading = new Reading(response)
  for (const one of segments) reading.take(one)
  return {
    interchangeReference,
    sender: identityOf(response, 2),
    receiver: identityOf(response, 3),
    state: reading.state(),
    messages: reading.messages,
    findings: reading.findings,
  }
}

type State = SyntaxAcknowledgement['state']

/** Action 0083 of UCI. 5 and 6 speak of UNB and UNZ alone. */
const interchangeStates: Readonly<Record<string, State>> = {
  '1': 'accepted',
  '2': 'with_errors',
  '3': 'partial',
  '4': 'rejected',
  '5': 'received',
  '6': 'rejected',
  '7': 'accepted',
  '8': 'received',
}

class Reading {
  readonly findings: Finding[] = []
  readonly messages: SyntaxAcknowledgement['messages'] = []
  readonly #action: string
  #groupRejected = false
  /** Where UCS and UCD belong: the message named last. */
  #target: Finding[] = this.findings
  #rejected = false
  #segment: number | null = null

  constructor(response: EdifactSegment) {
    this.#action = valueOf(response, 4)
  }

  take(one: EdifactSegment): void {
    switch (one.tag) {
      case 'UCI':
        this.#rejected = interchangeStates[this.#action] === 'rejected'
        this.#report(valueOf(one, 5), servicePlace(one, 6))
        break
      case 'UCF':
        this.#takeGroup(one)
        break
      case 'UCM':
        this.#takeMessage(one)
        break
      case 'UCS':
        this.#segment = numberOf(valueOf(one, 1))
        this.#report(valueOf(one, 2), this.#segmentPlace())
        break
      case 'UCD':
        this.#report(valueOf(one, 1), { ...this.#segmentPlace(), ...elementPlace(one, 2) })
        break
    }
  }

  /** An action that is missing or unknown cannot be taken for consent: the clock runs on. */
  state(): State {
    const said = interchangeStates[this.#action] ?? 'received'
    if (said !== 'accepted') return said
    const rejected = this.#groupRejected || this.messages.some((one) => one.state === 'rejected')
    if (rejected) return 'partial'
    const withErrors = this.findings.length > 0 || this.messages.some((one) => one.findings.length > 0)
    return withErrors ? 'with_errors' : 'accepted'
  }

  #takeGroup(one: EdifactSegment): void {
    this.#target = this.findings
    this.#segment = null
    this.#rejected = isRejection(valueOf(one, 4))
    this.#groupRejected ||= this.#rejected
    this.#report(valueOf(one, 5), servicePlace(one, 6))
  }

  #takeMessage(one: EdifactSegment): void {
    this.#rejected = isRejection(valueOf(one, 3))
    this.#target = []
    this.#segment = null
    const state = this.#rejected ? 'rejected' : 'accepted'
    this.messages.push({ reference: valueOf(one, 1), state, findings: this.#target })
    this.#report(valueOf(one, 4), servicePlace(one, 5))
  }

  #report(answerCode: string, position: Position): void {
    if (answerCode === '') return
    const name = syntaxErrors[answerCode]
    const what = name === undefined ? `error ${answerCode}` : `error ${answerCode}, ${name}`
    addFinding(this.#target, {
      code: 'rejectedByReceiver',
      severity: this.#rejected ? 'error' : 'warning',
      message: `The receiver reports ${what}${inWords(position)}`,
      position,
      answerCode,
    })
  }

  #segmentPlace(): Position {
    return this.#segment === null ? {} : { segment: this.#segment }
  }
}

function isRejection(action: string): boolean {
  return action === '4' || action === '6'
}

/** The service segment tag (0013, 0135) and S011 behind it. */
function servicePlace(one: EdifactSegment, element: number): Position {
  const tag = valueOf(one, element)
  return tag === '' ? elementPlace(one, element + 1) : { tag, ...elementPlace(one, element + 1) }
}

/** S011 counts the tag as element 1; we count elements behind it. */
function elementPlace(one: EdifactSegment, element: number): Position {
  const position: Position = {}
  const said = numberOf(valueOf(one, element, 1))
  const component = numberOf(valueOf(one, element, 2))
  const repetition = numberOf(valueOf(one, element, 3))
  if (said !== null && said > 1) position.element = said - 1
  if (component !== null) position.component = component
  if (repetition !== null) position.repetition = repetition
  return position
}

function numberOf(text: string): number | null {
  return /^\d{1,7}$/.test(text) && Number(text) > 0 ? Number(text) : null
}

function inWords(position: Position): string {
  const { tag, segment, element, component, repetition } = position
  const parts = [
    tag === undefined ? '' : `at ${tag}`,
    segment === undefined ? '' : `at segment ${segment}`,
    element === undefined ? '' : `element ${element}`,
    component === undefined ? '' : `component ${component}`,
    repetition === undefined ? '' : `repetition ${repetition}`,
  ].filter(Boolean)
  return parts.length === 0 ? '' : ` ${parts.join(', ')}`
}
