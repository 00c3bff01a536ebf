import type { Finding } from '#hub/model/findings.ts'
import type { ReadMessage } from '#hub/model/format.ts'
import { limits } from '#hub/base/limits.ts'
import { HubError } from '#hub/model/errors.ts'
import type {
  CanonicalDocument,
  CanonicalType,
  MappedMessage,
  ReadDocument,
  WriteContext,
} from '#hub/model/mapping.ts'
import { directoryOf } from '#hub/formats/edifact/directory.ts'
import type { EdifactMessage, EdifactSegment } from '#hub/formats/edifact/index.ts'
import { charactersOf } from '#mappings/library/parts/edifact-characters.ts'
import { EdifactDraft, type LengthsOf } from '#mappings/rules/edifact-draft.ts'
import { edifactScope } from '#mappings/rules/edifact-source.ts'
import { Taken } from '#mappings/rules/edifact-taken.ts'
import { PlainDraft } from '#mappings/rules/plain.ts'
import { RuleRun } from '#mappings/rules/run.ts'
import { notCarried } from './carried.ts'
import { leftBehind } from './left-behind.ts'
import type { Mapping } from './mapping.ts'
import { withCurrency, withoutCurrency, withoutNothing } from './normal.ts'
import { ruledMapping, type RuledMapping } from './ruled.ts'

/** A mapping of EDIFACT by a file of rules, in one version of the directory. The file is read when it is first used. */
export function edifactByRules(of: { type: CanonicalType; file: URL; directory: string }): Mapping {
  let made: RuledMapping | null = null
  const ruled = (): RuledMapping => (made ??= ruledMapping(of.file, sharedParts, of.type))
  return {
    format: 'edifact',
    get version() {
      return ruled().version
    },
    get places() {
      return ruled().places
    },
    toCanonical: (message) => toCanonical(ruled(), of.type, message),
    fromCanonical: (canonical, context) => fromCanonical(ruled(), of, { canonical, context }),
  }
}

const sharedParts = new URL('../library/parts/edifact.yaml', import.meta.url)

function toCanonical(ruled: RuledMapping, type: CanonicalType, message: ReadMessage): ReadDocument {
  const taken = new Taken({ values: true })
  const { document, findings, scope } = read(ruled, type, { message, taken })
  const left = leftBehind(message.tree as EdifactMessage, scope.group!, taken)
  const canonical =
    left.extensions === null
      ? document
      : { ...document, extensions: { ...(document.extensions as object | undefined), ...left.extensions } }
  return { canonical, findings: [...findings, ...left.notes] }
}

function read(
  ruled: RuledMapping,
  type: CanonicalType,
  { message, taken }: { message: Pick<ReadMessage, 'tree' | 'wireType' | 'version'>; taken: Taken },
) {
  const scope = edifactScope(message, taken)
  const draft = new PlainDraft({ type, version: '1' }, false)
  const { wireType, version } = message
  const run = new RuleRun({ lists: {}, day: null, data: { message: { type: wireType, version } } })
  run.whole = { source: scope, target: draft.root }
  ruled.read(scope, draft.root, run)
  const document = withCurrency(withoutNothing(draft.root.node) as CanonicalDocument)
  return { document, findings: run.findings, scope }
}

function fromCanonical(
  ruled: RuledMapping,
  { type, directory }: { type: CanonicalType; directory: string },
  { canonical, context }: { canonical: CanonicalDocument; context: WriteContext },
): MappedMessage {
  const { message: wireType } = ruled
  const lengthsOf = lengthsIn(wireType, directory)
  const draft = new EdifactDraft({ segments: [] }, wireType, directory, lengthsOf)
  const run = new RuleRun({
    lists: {},
    day: null,
    data: {
      settings: context.settings,
      sender: context.sender,
      receiver: context.receiver,
      message: { type: wireType, version: directory },
    },
    fit: charactersOf(setting(context, 'charset') ?? context.write?.syntax?.split(':')[0] ?? 'UNOC'),
  })
  const source = withoutCurrency(canonical)
  run.whole = { source, target: draft.root }
  ruled.write(source, draft.root, run)
  draft.removeEmpty()
  const segments = draft.segments()
  for (const segment of segments) {
    trim(segment)
    checkLengths(segment, lengthsOf)
  }
  const tree: EdifactMessage = { segments }
  const back = read(ruled, type, { message: { tree, wireType, version: directory }, taken: new Taken() })
  const findings: Finding[] = [
    ...run.findings,
    ...notCarried(canonical, back.document, `${wireType} ${directory}`),
  ].slice(0, limits.findingsKept)
  return {
    format: 'edifact',
    wireType,
    version: directory,
    guide: setting(context, 'guide') ?? '',
    tree,
    findings,
  }
}

/** How long components may be in a directory, by element and component; 0 where it does not say. */
function lengthsIn(wireType: string, version: string): LengthsOf {
  const directory = directoryOf(wireType, version)
  const known = new Map<string, readonly (readonly number[])[] | null>()
  return (tag) => {
    const found = known.get(tag)
    if (found !== undefined) return found
    const spec = directory?.segment(tag)
    const lengths =
      spec?.elements.map(({ components, format }) =>
        (components ?? [{ format }]).map((one) => one.format?.lengthMax ?? 0),
      ) ?? null
    known.set(tag, lengths)
    return lengths
  }
}

/** A value may not be cut where it is no free text: it would name something else then. */
function checkLengths({ tag, elements }: EdifactSegment, lengthsOf: LengthsOf): void {
  const lengths = lengthsOf(tag)
  if (lengths === null) return
  for (const [element, components] of elements.entries())
    for (const [component, value] of components.entries()) {
      const lengthMax = lengths[element]?.[component] ?? 0
      if (lengthMax === 0 || value.length <= lengthMax) continue
      // the sign and the mark of a number do not count (ISO 9735-1 clause 10)
      if (/^-?\d+(\.\d+)?$/.test(value) && value.replace(/[-.]/g, '').length <= lengthMax) continue
      throw new HubError(
        'notWritable',
        `${JSON.stringify(value.slice(0, 60))} has more than ${lengthMax} characters, which ${tag} element ${element + 1} component ${component + 1} takes`,
      )
    }
}

/** Takes empty components and elements away from the end of a segment. */
function trim({ elements }: EdifactSegment): void {
  for (const components of elements)
    while (components.length > 1 && components.at(-1) === '') components.pop()
  while (elements.length > 0 && elements.at(-1)!.length === 1 && elements.at(-1)![0] === '') elements.pop()
}

function setting(context: WriteContext, name: string): string | undefined {
  const value = context.settings[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}
