import type { CodeName } from '#hub/model/codes/index.ts'
import type { ReadTrailer } from '#hub/model/format.ts'
import type { Finding, Position } from '#hub/model/findings.ts'
import { printable } from './envelope.ts'
import { addFinding, nameOf, finding, quoted } from './findings.ts'
import type { EnvelopeLayout } from './service-layouts.ts'
import { valueOf, type EdifactSegment } from './tree.ts'

/** An interchange while its messages come in: counts and references of its groups and of its end. */
export class OpenInterchange {
  readonly position: number
  readonly layout: EnvelopeLayout
  readonly decimalMarks: string
  readonly syntaxVersion: number
  readonly findings: Finding[] = []
  messages = 0
  /** Objects that stand between messages: packages. */
  packages = 0
  readonly #reference: string
  #groups = 0
  #ungrouped = 0
  #group: { reference: string; messages: number; header: EdifactSegment } | null = null

  constructor(
    position: number,
    terms: { layout: EnvelopeLayout; reference: string; decimalMarks: string; syntaxVersion: number },
  ) {
    this.position = position
    this.layout = terms.layout
    this.#reference = terms.reference
    this.decimalMarks = terms.decimalMarks
    this.syntaxVersion = terms.syntaxVersion
  }

  /** The group that is open, or null. */
  get group(): { reference: string; header: EdifactSegment } | null {
    return this.#group && { reference: this.#group.reference, header: this.#group.header }
  }

  report(code: CodeName, message: string, where: Position, severity: Finding['severity'] = 'error'): void {
    addFinding(this.findings, finding(code, message, { interchange: this.position, ...where }, severity))
  }

  /** Adds a finding however many there are: what the reader ends with. */
  reportLast(code: CodeName, message: string, where: Position): void {
    this.findings.push(finding(code, message, { interchange: this.position, ...where }))
  }

  countMessage(): void {
    this.messages++
    if (this.#group) this.#group.messages++
    else this.#ungrouped++
  }

  countPackage(): void {
    this.packages++
  }

  openGroup(header: EdifactSegment): void {
    this.#abandonGroup(header)
    this.#groups++
    this.#group = { reference: nameOf(valueOf(header, 5)), messages: 0, header }
  }

  closeGroup(trailer: EdifactSegment): void {
    const group = this.#group
    this.#group = null
    if (!group) {
      this.report('groupOpen', 'UNE closes a group that was never opened', positionOf(trailer))
      return
    }
    this.#checkCount(trailer, {
      code: 'groupCountMismatch',
      element: 1,
      found: group.messages,
      what: 'messages',
    })
    this.#checkReference(trailer, {
      code: 'groupReferenceMismatch',
      element: 2,
      expected: group.reference,
      of: 'UNG',
    })
    if (group.messages === 0) {
      this.report('envelopeEmpty', `Group ${quoted(group.reference)} holds no message`, positionOf(trailer))
    }
  }

  /** Checks the closing segment against what came in, and gives the trailer. */
  close(trailer: EdifactSegment): ReadTrailer {
    const { count, trailerReference, header } = this.layout
    this.#abandonGroup(trailer)
    const grouped = this.#groups > 0
    if (valueOf(trailer, count) !== '' || this.layout.strict) {
      this.#checkCount(trailer, {
        code: 'interchangeCountMismatch',
        element: count,
        found: grouped ? this.#groups : this.messages,
        // ISO 9735-8 counts packages too; not all senders do
        orFound: grouped ? this.#groups : this.messages + this.packages,
        what: grouped ? 'groups' : 'messages',
      })
    }
    if (this.layout.strict) {
      const expected = this.#reference
      this.#checkReference(trailer, {
        code: 'interchangeReferenceMismatch',
        element: trailerReference,
        expected,
        of: header,
      })
    }
    if (grouped && this.#ungrouped > 0) {
      const text = `${this.#groups} groups and ${this.#ungrouped} messages outside any group`
      this.report('groupsMixed', text, positionOf(trailer))
    }
    if (this.messages === 0 && !grouped) {
      this.report('noDocument', 'The interchange holds no message', positionOf(trailer))
    }
    return { closed: true, messages: this.messages, offset: trailer.offset, findings: this.findings }
  }

  /** The trailer of an interchange that ends at `offset` without one. */
  abandon(offset: number): ReadTrailer {
    const text = `The interchange ends without ${this.layout.trailer}, after ${this.messages} messages`
    this.report('interchangeOpen', text, { offset })
    return { closed: false, messages: this.messages, offset, findings: this.findings }
  }

  #abandonGroup(at: EdifactSegment): void {
    if (!this.#group) return
    const text = `Group ${quoted(this.#group.reference)} ends without UNE, at ${at.tag}`
    this.report('groupOpen', text, positionOf(at))
    this.#group = null
  }

  #checkCount(
    trailer: EdifactSegment,
    check: { code: CodeName; element: number; found: number; orFound?: number; what: string },
  ): void {
    const said = valueOf(trailer, check.element)
    const where = { ...positionOf(trailer), element: check.element }
    if (!/^\d+$/.test(said)) {
      const text = `${trailer.tag} says ${quoted(said)} where the number of ${check.what} belongs; ${check.found} were found`
      this.report('countNotNumeric', text, where)
    } else if (Number(said) !== check.found && Number(said) !== (check.orFound ?? check.found)) {
      this.report(check.code, `${trailer.tag} says ${said} ${check.what}, ${check.found} were found`, where)
    }
  }

  #checkReference(
    trailer: EdifactSegment,
    check: { code: CodeName; element: number; expected: string; of: string },
  ): void {
    const found = valueOf(trailer, check.element)
    if (found === check.expected || printable(found) === check.expected) return
    const text = `${trailer.tag} has reference ${quoted(found)}, ${check.of} has ${quoted(check.expected)}`
    this.report(check.code, text, { ...positionOf(trailer), element: check.element })
  }
}

function positionOf(segment: EdifactSegment): Position {
  return { tag: segment.tag, offset: segment.offset }
}
