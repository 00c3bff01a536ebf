import { codes } from '#hub/model/codes/index.ts'
import type { DocumentTimeline } from '#hub/store/find-timeline.ts'
import { panesFor, type Block, type PaneName } from '../../panes/panes.ts'
import { candidateModels } from '../../timeline/candidates.ts'
import type { FindingModel } from '../../timeline/findings.ts'
import { sentenceOf, titleOf } from '../../timeline/sentence.ts'
import { bandModels, routeModel } from '../../timeline/timeline-model.ts'
import { deliveryName } from '../../statuses.ts'
import { isConflict, sideOf, type Side } from '../../turn.ts'
import type { Words } from '../../words.ts'
import type { RowContext } from './row-model.ts'

/** Which panes are open, by the address. */
export interface PaneRequest {
  pane: PaneName
  beside: PaneName | null
}

/** Reads `?pane=` and `?beside=`; what the side may not open falls back to its first pane. */
export function paneRequest(query: Readonly<Record<string, unknown>>, side: Side): PaneRequest {
  const allowed = panesFor(side)
  const pane = allowed.find((name) => name === query['pane']) ?? allowed[0]!
  const beside = allowed.find((name) => name === query['beside'] && name !== pane) ?? null
  return { pane, beside }
}

export interface DocumentFound {
  timeline: DocumentTimeline
  findings: FindingModel[]
  asked: PaneRequest
  first: Block[]
  beside: Block[] | null
}

/** The page of a document as its view shows it. */
export function documentModel(found: DocumentFound, context: RowContext) {
  const { timeline, findings, asked } = found
  const { document, entries } = timeline
  const { words, now, viewer } = context
  const side = sideOf(document, viewer)
  const first = paneModel('pane', asked, { side, words, timeline, blocks: found.first })
  const beside =
    found.beside === null ? null : paneModel('beside', asked, { side, words, timeline, blocks: found.beside })
  return {
    title: titleOf(document, words),
    sentence: sentenceOf(document, { words, now, side }, timeline),
    lead: leadOf(timeline, findings, words),
    test: document.env === 'test',
    route: routeModel(document, context),
    candidates: candidateModels(timeline, side, words),
    note: noteOf(entries, words),
    bands: bandModels(timeline, findings, context),
    panes: { first, beside },
    facts: factsOf(timeline, words),
  }
}

interface PaneContent {
  side: Side
  words: Words
  timeline: DocumentTimeline
  blocks: Block[]
}

function paneModel(
  id: 'pane' | 'beside',
  asked: PaneRequest,
  { side, words, timeline, blocks }: PaneContent,
) {
  const current = id === 'pane' ? asked.pane : asked.beside!
  const other = id === 'pane' ? asked.beside : asked.pane
  const address = (pane: PaneName, beside: PaneName | null) =>
    `/p/documents/${timeline.document.id}?pane=${pane}${beside === null ? '' : `&beside=${beside}`}`
  const links = panesFor(side)
    .filter((name) => name !== other)
    .map((name) => ({
      label: paneLabel(name, timeline, words),
      current: name === current,
      href: id === 'pane' ? address(name, asked.beside) : address(asked.pane, name),
    }))
  const partner = panesFor(side).find(
    (name) => name !== current && (name === 'output' || name === 'canonical'),
  )
  const offered = id === 'pane' && asked.beside === null ? (partner ?? panesFor(side)[1]) : undefined
  return {
    id,
    label: paneLabel(current, timeline, words),
    navLabel: words.t(id === 'pane' ? 'panes.title' : 'panes.second'),
    links,
    besideHref: offered === undefined ? null : address(current, offered),
    besideLabel:
      offered === undefined ? null : words.t('panes.beside', { pane: paneLabel(offered, timeline, words) }),
    closeHref: id === 'beside' ? address(asked.pane, null) : null,
    blocks,
  }
}

function paneLabel(name: PaneName, { document }: DocumentTimeline, words: Words): string {
  const tree = name === 'segments' && document.format !== null && document.format !== 'edifact'
  return words.t(tree ? 'pane.tree' : `pane.${name}`)
}

/** What to do about it, where there is something to do. */
function leadOf(
  { document, entries }: DocumentTimeline,
  findings: readonly FindingModel[],
  words: Words,
): string {
  if (isConflict(document)) {
    const { what, fix } = codes.interchangeDuplicate[words.language]
    return `${what} ${fix}`
  }
  if (deliveryName(document) === 'suspended') return words.t('suspended.lead')
  const stopped = document.processing === 'rejected' || document.processing === 'held'
  const code = stopped ? document.code : (document.outbound?.code ?? null)
  const onWay = document.processing === 'processed' && document.delivery === 'delivered'
  if (onWay || (code === null && !stopped)) return ''
  const held = entries.findLast((entry) => entry.type === 'document.held')
  const known = words.code(code ?? (held?.type === 'document.held' ? held.body.code : ''))
  const finding = findings.find((one) => one.severity === 'error')
  return [known?.what, finding?.fix ?? known?.fix].filter(Boolean).join(' ')
}

function noteOf(entries: DocumentTimeline['entries'], words: Words): string {
  if (entries.length === 0) return ''
  const first = entries[0]!.at
  const duration = words.duration(entries.at(-1)!.at.getTime() - first.getTime())
  return words.t('timeline.note', { zone: words.zoneName(first), duration })
}

interface Fact {
  label: string
  value: string
  mono?: boolean
  copy?: boolean
  href?: string
  copyLabel?: string
}

function factsOf({ document, outputs, origin, successors, inFront }: DocumentTimeline, words: Words): Fact[] {
  const { t } = words
  const copied = (label: string, value: string): Fact => ({
    label,
    value,
    mono: true,
    copy: true,
    copyLabel: t('facts.copy', { what: label }),
  })
  const facts: (Fact | null)[] = [
    copied(t('facts.document'), document.id),
    document.inbound === null
      ? null
      : {
          label: t('facts.exchange'),
          value: t('facts.exchange.open'),
          href: `/p/exchanges/${document.transmissionId}`,
        },
    document.reference === null ? null : copied(t('facts.reference'), document.reference),
    document.fileName === null ? null : copied(t('facts.file'), document.fileName),
    { label: t('facts.sender'), value: document.senderName ?? t('partner.unknown') },
    { label: t('facts.receiver'), value: document.receiverName ?? t('partner.unknown') },
    document.inbound === null
      ? null
      : {
          label: t('facts.channel'),
          value: words.channelNamed(document.inbound.channelKind, document.inbound.channelKey),
        },
    document.format === null
      ? null
      : { label: t('facts.format'), value: `${document.format.toUpperCase()} ${document.wireType}`.trim() },
    document.env === null ? null : { label: t('facts.env'), value: t(`env.${document.env}`) },
    document.lines === 0 ? null : { label: t('facts.lines'), value: words.number(document.lines) },
    ...outputs.map((output) => copied(t('facts.wire'), output.wireId)),
    ...(origin === null ? [] : [documentLink(t('facts.origin'), origin.id)]),
    ...successors.map((id) => documentLink(t('facts.successor'), id)),
    ...(inFront === null ? [] : inFrontFacts(inFront, words)),
  ]
  return facts.filter((one) => one !== null)
}

function documentLink(label: string, id: string): Fact {
  return { label, value: id, mono: true, href: `/p/documents/${id}` }
}

/** What it waits behind in an ordered flow, and what can be done about that. */
function inFrontFacts(
  { documentId, deliveryId, number, state, code }: NonNullable<DocumentTimeline['inFront']>,
  { t }: Words,
): Fact[] {
  const value = [number ?? deliveryId, state, code].filter(Boolean).join(', ')
  const behind = { label: t('facts.behind'), value }
  return [
    documentId === null ? behind : { ...behind, href: `/p/documents/${documentId}` },
    { label: t('facts.behind.actions'), value: t('facts.behind.how', { id: deliveryId }) },
  ]
}
