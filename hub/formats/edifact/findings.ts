import { limits } from '#hub/base/limits.ts'
import { limitWords, type TrafficLimits } from '#hub/base/traffic-limits.ts'
import { codes, type Code, type CodeName } from '#hub/model/codes/index.ts'
import type { Finding, Position, Severity } from '#hub/model/findings.ts'

/** Makes a finding; its `answerCode` (UN/EDIFACT 0085) is the one of its registry row. */
export function finding(
  code: CodeName,
  message: string,
  position: Position,
  severity: Severity = 'error',
): Finding {
  const { contrl }: Code = codes[code]
  return contrl === undefined
    ? { code, severity, message, position }
    : { code, severity, message, position, answerCode: contrl }
}

/** Adds a finding unless the list is at its limit; the first one too many is replaced by a note that there are more. */
export function addFinding(list: Finding[], one: Finding): void {
  if (list.length < limits.findingsKept) list.push(one)
  else if (list.length === limits.findingsKept) {
    const message = `More than ${limits.findingsKept} faults: the rest is not listed`
    list.push(finding('findingsCut', message, one.position, 'note'))
  }
}

/** Says that a segment has more values than one may have. */
export function overfull({ tag, offset }: { tag: string; offset: number }, most: TrafficLimits): Finding {
  const words = limitWords(most, 'segmentElements', 'elements and components')
  const text = `Segment ${quoted(tag)} has more than ${words}; it was not read`
  return finding('segmentOverfull', text, { tag, offset })
}

/** A value as a message shows it: quoted, cut, with control characters made visible. */
export function quoted(value: string): string {
  const shown = value.length > 40 ? `${value.slice(0, 40)}…` : value
  return JSON.stringify(shown)
}

/** As a name of a message is kept: a copy, with control characters replaced, of which the database refuses one (NUL). */
export function nameOf(text: string): string {
  // eslint-disable-next-line no-control-regex
  return detached(/[\0-\x1f\x7f-\x9f]/.test(text) ? text.replace(/\p{Cc}/gu, '\ufffd') : text)
}

/** Copies a string, so that keeping it does not keep the text it was cut from. */
export function detached(text: string): string {
  return text.length < 13 ? text : Buffer.from(text, 'utf16le').toString('utf16le')
}
