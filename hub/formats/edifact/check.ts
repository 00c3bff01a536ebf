import type { CheckOptions, ReadMessage } from '#hub/model/format.ts'
import type { Finding, Position } from '#hub/model/findings.ts'
import type { Guide } from '#hub/model/guide.ts'
import type { CodeName } from '#hub/model/codes/index.ts'
import { directoryOf, type Directory } from './directory.ts'
import { checkElements, trailingSeparator, type ReportElement } from './elements.ts'
import { addFinding, finding, quoted } from './findings.ts'
import { fitOf } from './fit.ts'
import { checkGuide, guideFor } from './guide.ts'
import { isSound } from './sound.ts'
import type { GroupNode, StructureNode } from './tables/structure.ts'
import type { EdifactMessage, EdifactSegment } from './tree.ts'

/**
 * Checks a message against its directory: order, presence and repetition of segments and groups; presence, length and
 * characters of elements and components. A type or version without a directory here, or of another agency than UN, gives
 * one note that says so. Positions count from UNH = 1; for a missing segment the position is that of the last segment
 * before the gap (element 0096 of UCS). Of codes that are in no list it warns, unless `options.severities` says otherwise.
 */
export function checkMessage(message: ReadMessage, options: CheckOptions = {}): Finding[] {
  const findings: Finding[] = []
  // the reader kept its heading alone
  if (message.findings.some((one) => one.code === 'messageTooLarge')) return findings
  const { wireType, version, agency = 'UN' } = message
  const tree = message.tree as EdifactMessage
  const directory =
    agency === 'UN' || wireType === 'CONTRL' ? directoryOf(wireType, version, tree.syntaxVersion) : null
  const structure = directory?.structure(wireType)
  if (!directory || !structure) {
    const what = `${wireType} ${version}${agency === 'UN' ? '' : ` of ${agency}`}`
    const text = `There is no directory for ${what}: only the envelope was checked`
    return [finding('typeNotChecked', text, { message: message.position, segment: 1, tag: 'UNH' }, 'note')]
  }
  const checker = new Checker(tree.segments, message.position, {
    findings,
    severities: options.severities ?? {},
  })
  checker.structure(structure)
  checker.content(directory, tree.decimalMarks ?? '.,')
  const guide = guideFor(options.guides ?? [], message)
  if (guide !== null) checker.guide(guide, tree)
  // Structure was matched first, content after it; a reader wants them in the order of the message.
  return findings.sort((one, other) => (one.position.segment ?? 0) - (other.position.segment ?? 0))
}

/** Where it is not an error: senders use codes that came later or were agreed, and receivers rarely mind. */
const usualSeverities: NonNullable<CheckOptions['severities']> = {
  codeNotInList: 'warning',
  trailingSeparator: 'warning',
}

class Checker {
  readonly #segments: readonly EdifactSegment[]
  readonly #message: number
  readonly #findings: Finding[]
  readonly #severities: NonNullable<CheckOptions['severities']>

  constructor(
    segments: readonly EdifactSegment[],
    message: number,
    told: { findings: Finding[]; severities: NonNullable<CheckOptions['severities']> },
  ) {
    this.#segments = segments
    this.#message = message
    this.#findings = told.findings
    this.#severities = told.severities
  }

  structure(root: GroupNode): void {
    for (const fault of fitOf(root, this.#segments).faults) {
      switch (fault.kind) {
        case 'missing':
          this.#missing(fault.node, fault.after, fault.noticedAt)
          break
        case 'tooMany':
          this.#tooMany(fault.node, fault.index)
          break
        case 'unplaced':
          this.#unplaced(root, fault.index)
      }
    }
  }

  content(directory: Directory, decimalMarks: string): void {
    let trailing = 0
    let firstTrailing = -1
    let index = 0
    const report: ReportElement = (code, text, where) => this.#add(code, text, index, where)
    for (; index < this.#segments.length; index++) {
      const segment = this.#segments[index]!
      const spec = directory.segment(segment.tag)
      if (spec && isSound(segment, spec, decimalMarks)) continue
      if (spec) checkElements(segment, spec, decimalMarks, report)
      if (trailingSeparator(segment) === null) continue
      trailing++
      if (firstTrailing < 0) firstTrailing = index
    }
    if (trailing > 0) this.#reportTrailing(firstTrailing, trailing)
  }

  guide(guide: Guide, tree: EdifactMessage): void {
    const indexes = new Map(this.#segments.map((segment, index) => [segment, index]))
    checkGuide(guide, tree, (code, text, { segment, where }) =>
      this.#add(code, text, segment === null ? 0 : (indexes.get(segment) ?? 0), where),
    )
  }

  #unplaced(root: GroupNode, index: number): void {
    const { tag } = this.#segments[index]!
    const text = occursIn(root, tag)
      ? `Segment ${quoted(tag)} may not stand here in ${root.name}`
      : `${root.name} has no segment ${quoted(tag)}`
    this.#add('segmentUnexpected', text, index)
  }

  #missing(node: StructureNode, after: number, noticedAt: number): void {
    // A message that was cut has been reported as such by the reader.
    if (node.tag === 'UNT') return
    const place = this.#segments[noticedAt]
    const noticed = place ? `noticed at segment ${noticedAt + 1} ${place.tag}` : 'noticed at the end'
    const what =
      node.kind === 'group' ? `Group ${node.name}, which ${node.tag} opens,` : `Segment ${node.tag}`
    const index = Math.max(after, 0)
    const text = `${what} is missing after segment ${index + 1} ${this.#segments[index]?.tag ?? ''}; ${noticed}`
    this.#add('segmentMissing', text, index)
  }

  #tooMany(node: StructureNode, index: number): void {
    const times = node.max === 1 ? 'once' : `${node.max} times`
    if (node.kind === 'group') {
      const text = `Group ${node.name}, which ${node.tag} opens, may come ${times} here; this is one more`
      this.#add('groupRepeatedTooOften', text, index)
    } else {
      this.#add(
        'segmentRepeatedTooOften',
        `Segment ${node.tag} may come ${times} here; this is one more`,
        index,
      )
    }
  }

  #reportTrailing(index: number, segments: number): void {
    const segment = this.#segments[index]!
    const where = trailingSeparator(segment) ?? {}
    const more = segments > 1 ? `, as do ${segments - 1} other segments` : ''
    const text = `${segment.tag} ends with separators that separate nothing${more}`
    const position = this.#position(index, where)
    this.#tell('trailingSeparator', text, position)
  }

  #add(code: CodeName, text: string, index: number, where: Position = {}): void {
    this.#tell(code, text, this.#position(index, where))
  }

  #tell(code: CodeName, text: string, position: Position): void {
    const severity = this.#severities[code] ?? usualSeverities[code] ?? 'error'
    if (severity !== 'none') addFinding(this.#findings, finding(code, text, position, severity))
  }

  #position(index: number, where: Position): Position {
    const segment = this.#segments[index]
    const position: Position = { message: this.#message, segment: index + 1, ...where }
    return segment ? { ...position, tag: segment.tag, offset: segment.offset } : position
  }
}

function occursIn(group: GroupNode, tag: string): boolean {
  return group.children.some((child) => child.tag === tag || (child.kind === 'group' && occursIn(child, tag)))
}
