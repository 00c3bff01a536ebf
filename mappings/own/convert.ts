import type { EdifactMessage, EdifactSegment } from '#hub/formats/edifact/index.ts'
import { jsonObject } from '#hub/formats/json/index.ts'
import { linesMemberOf } from '#hub/canonical/index.ts'
import { HubError } from '#hub/model/errors.ts'
import type { Finding } from '#hub/model/findings.ts'
import type { FormatName, ReadMessage } from '#hub/model/format.ts'
import type {
  CanonicalDocument,
  MappedMessage,
  ReadDocument,
  Soon,
  WriteContext,
} from '#hub/model/mapping.ts'
import { charactersOf } from '#mappings/library/parts/edifact-characters.ts'
import { edifactScope, type EdifactScope } from '#mappings/rules/edifact-source.ts'
import { EdifactDraft } from '#mappings/rules/edifact-draft.ts'
import { PlaceError } from '#mappings/rules/place.ts'
import { PlainDraft } from '#mappings/rules/plain.ts'
import type { Scope } from '#mappings/rules/ports.ts'
import { RuleRun } from '#mappings/rules/run.ts'
import { filledTree } from '#mappings/sandbox/fill.ts'
import type { Compiled, RuleSet } from './compile.ts'

/** What every mapping does, of the library or one's own. */
export interface Conversion {
  toCanonical(message: ReadMessage): Soon<ReadDocument>
  fromCanonical(canonical: CanonicalDocument, context: WriteContext): Soon<MappedMessage>
}

/** Reads a message: first what the mapping extends, then its rules. */
export function toCanonicalBy(compiled: Compiled, direction: string): Conversion['toCanonical'] {
  const { deps, canonical: rules, type, format } = compiled
  if (direction !== 'toCanonical') return () => wrongWay('writes documents and does not read them')
  const begun = (): ReadDocument => ({
    canonical: { type, version: '1', function: 'original' } as CanonicalDocument,
    findings: [],
  })
  return (message) =>
    next(deps.base === null ? begun() : deps.base.toCanonical(message), ({ canonical, findings }) => {
      if (rules === null) return { canonical, findings }
      const draft = new PlainDraft(canonical, false)
      const run = new RuleRun({ lists: deps.lists, day: dayOf(canonical), data: {} })
      run.canonical = canonical
      const source = format === 'edifact' ? edifactScope(message) : message.tree
      return next(applied(rules, { source, target: draft.root, document: canonical }, run, compiled), () => ({
        canonical: draft.root.node as unknown as CanonicalDocument,
        findings: [...notTaken(findings, source, format), ...run.findings],
      }))
    })
}

/** Writes a document: rules on the canonical document, then what the mapping extends or its template, then rules on the output. */
export function fromCanonicalBy(compiled: Compiled, direction: string): Conversion['fromCanonical'] {
  if (direction !== 'fromCanonical') return () => wrongWay('reads documents and does not write them')
  return (canonical, context) => {
    const run = new RuleRun({
      lists: compiled.deps.lists,
      day: dayOf(canonical),
      data: { settings: context.settings, sender: context.sender, receiver: context.receiver },
      fit: charactersOf(
        context.write?.syntax?.split(':')[0] ?? (compiled.format === 'edifact' ? 'UNOC' : ''),
      ),
    })
    return next(preparedBy(compiled, canonical, run), (prepared) =>
      next(begunWith(compiled, prepared, { run, context }), (message) =>
        next(outputBy(compiled, prepared, { run, message }), (tree) =>
          finished(compiled, message, tree, run),
        ),
      ),
    )
  }
}

function preparedBy(compiled: Compiled, canonical: CanonicalDocument, run: RuleRun): Soon<CanonicalDocument> {
  const rules = compiled.canonical
  if (rules === null) return canonical
  const draft = new PlainDraft(canonical, false)
  const parts = { source: canonical, target: draft.root, document: canonical }
  return next(applied(rules, parts, run, compiled), () => draft.root.node as unknown as CanonicalDocument)
}

/** The message that the rules for the output go on from. */
function begunWith(
  compiled: Compiled,
  canonical: CanonicalDocument,
  { run, context }: { run: RuleRun; context: WriteContext },
): Soon<MappedMessage> {
  const { deps, template, format, message } = compiled
  if (deps.base !== null) return deps.base.fromCanonical(canonical, context)
  const of = {
    format,
    wireType: message.type,
    version: message.version,
    guide: message.guide ?? '',
    findings: [],
  }
  if (template === null) return { ...of, tree: emptyTree(compiled) }
  const input = { document: canonical, data: run.data, day: run.day }
  return deps.sandbox
    .render(template, input, linesOf(canonical))
    .then((rendered) => ({ ...of, tree: filledTree(format, rendered, run.fit) }))
}

function outputBy(
  compiled: Compiled,
  canonical: CanonicalDocument,
  { run, message }: { run: RuleRun; message: MappedMessage },
): Soon<unknown> {
  const rules = compiled.output
  if (rules === null) return message.tree
  const parts = (target: Scope) => ({ source: canonical, target, document: canonical })
  switch (compiled.format) {
    case 'edifact': {
      const draft = new EdifactDraft(message.tree as EdifactMessage, message.wireType, message.version)
      return next(applied(rules, parts(draft.root), run, compiled), () => ({ segments: draft.segments() }))
    }
    case 'xml':
      return next(applied(rules, parts(message.tree), run, compiled), () => message.tree)
    case 'json': {
      const draft = new PlainDraft(message.tree as object, true)
      return next(applied(rules, parts(draft.root), run, compiled), () => draft.root.node)
    }
  }
}

function finished(compiled: Compiled, message: MappedMessage, tree: unknown, run: RuleRun): MappedMessage {
  const { guide, overrides, type, version } = compiled.message
  if (compiled.format === 'edifact') for (const segment of (tree as EdifactMessage).segments) trim(segment)
  const named = overrides ? { wireType: type, version, guide: guide ?? message.guide } : {}
  return { ...message, ...named, tree, findings: [...message.findings, ...run.findings] }
}

/** Applies rules; where they have expressions, these are gathered first and evaluated together. */
function applied(
  rules: RuleSet,
  { source, target, document }: { source: Scope; target: Scope; document: unknown },
  run: RuleRun,
  { deps }: Compiled,
): Soon<void> {
  const { apply, expressions } = rules
  run.whole = { source, target }
  if (expressions === null) return kept(() => apply(source, target, run))
  const jobs: NonNullable<RuleRun['jobs']> = new Map()
  run.jobs = jobs
  kept(() => apply(source, target, run))
  run.jobs = null
  const input = { document, data: run.data, jobs: [...jobs.values()] }
  return deps.sandbox.evaluate(expressions, input, linesOf(document)).then((results) => {
    run.results = new Map([...jobs.keys()].map((key, index) => [key, results[index] ?? null]))
    kept(() => apply(source, target, run))
  })
}

/** A place that cannot be written in this document is the mapping's fault and is told in its words. */
function kept(work: () => void): void {
  try {
    work()
  } catch (error) {
    if (error instanceof PlaceError) throw new HubError('notWritable', error.message, { cause: error })
    throw error
  }
}

function next<From, To>(from: Soon<From>, then: (value: From) => Soon<To>): Soon<To> {
  return from instanceof Promise ? from.then(then) : then(from)
}

function wrongWay(what: string): never {
  throw new HubError('mappingFailed', `this mapping ${what}`)
}

/** The day that decides between dated codes is the document's own. */
function dayOf(canonical: unknown): string | null {
  const { issueDate } = canonical as { issueDate?: unknown }
  return typeof issueDate === 'string' ? issueDate : null
}

function linesOf(document: unknown): number {
  const canonical = document as CanonicalDocument
  const member = linesMemberOf(canonical.type)
  const lines = member === null ? undefined : canonical[member]
  return Array.isArray(lines) ? lines.length : 0
}

/** What the base left behind and the rules have read is not left behind. */
function notTaken(findings: readonly Finding[], source: unknown, format: FormatName): readonly Finding[] {
  if (format !== 'edifact') return findings
  const offsets = new Set([...(source as EdifactScope).taken.segments].map(({ offset }) => offset))
  return findings.filter(
    ({ code, position }) =>
      code !== 'notCarried' || position.offset === undefined || !offsets.has(position.offset),
  )
}

/** Takes empty components and elements away from the end of a segment. */
function trim(segment: EdifactSegment): void {
  const { elements } = segment
  for (const components of elements)
    while (components.length > 1 && components.at(-1) === '') components.pop()
  if (segment.repetitions !== undefined) return
  while (elements.length > 0 && elements.at(-1)!.length === 1 && elements.at(-1)![0] === '') elements.pop()
}

/** An empty tree for rules to write into. */
function emptyTree({ format, xmlRoot }: Compiled): unknown {
  switch (format) {
    case 'edifact':
      return { segments: [] }
    case 'xml':
      return xmlRoot!()
    case 'json':
      return jsonObject()
  }
}
