import { limits } from '#hub/base/limits.ts'
import type { EdifactMessage, EdifactSegment } from '#hub/formats/edifact/tree.ts'
import type { XmlElement } from '#hub/formats/xml/tree.ts'
import { qualifiedName } from '#hub/formats/xml/tree.ts'
import {
  describeSegments,
  type Describable,
  type DescribedSegment,
} from '#hub/formats/edifact/segment-view.ts'
import type { ReadMessage } from '#hub/model/format.ts'
import type { FindingModel } from '../timeline/findings.ts'
import type { Language } from '../words.ts'
import { segmentName } from './segment-names.ts'

/** One part of a document as a line: a segment, an element or a member. */
export interface LineModel {
  no: number
  /** `in1` to `in4`, or empty. */
  indent: string
  /** `fault`, `warn` or empty. */
  tone: string
  parts: LinePart[]
  name: string
  notes: LineNote[]
}

/** A finding at its line: in the reader's language, and the precise message in English. */
export interface LineNote {
  what: string
  message: string
}

export interface LinePart {
  text: string
  tag?: boolean
  mark?: boolean
  /** What the value is, for whoever points at it. */
  title?: string
}

/** The tree of a message as lines, findings marked at their place; at most `limits.paneParts`. */
export function linesOf(
  message: Pick<ReadMessage, 'format'> & Describable,
  findings: readonly FindingModel[],
  language: Language,
): LineModel[] {
  switch (message.format) {
    case 'edifact':
      return segmentLines(message, findings, language)
    case 'xml':
      return xmlLines(message.tree as XmlElement, findings)
    case 'json':
      return jsonLines(message.tree)
    case 'opaque':
      return []
  }
}

function segmentLines(
  message: Describable,
  findings: readonly FindingModel[],
  language: Language,
): LineModel[] {
  const { segments } = message.tree as EdifactMessage
  const described = describeSegments(message, limits.paneParts)
  let inLine = false
  return segments.slice(0, limits.paneParts).map((segment, index) => {
    const no = index + 1
    if (segment.tag === 'LIN') inLine = true
    if (segment.tag === 'UNS' || segment.tag === 'UNT') inLine = false
    const own = findings.filter((finding) => finding.position.segment === no)
    return {
      no,
      indent: inLine && segment.tag !== 'LIN' ? 'in1' : '',
      ...marked(own),
      parts: segmentParts(segment, own, described[index]?.values ?? []),
      name: segmentName(segment, described[index], language),
    }
  })
}

/** The segment in its canonical spelling (`+ : ? '`), the components that findings name marked. */
function segmentParts(
  segment: EdifactSegment,
  findings: readonly FindingModel[],
  titles: DescribedSegment['values'],
): LinePart[] {
  const parts: LinePart[] = [{ text: segment.tag, tag: true }]
  segment.elements.forEach((components, index) => {
    const element = index + 1
    const all = [
      components,
      ...(segment.repetitions ?? []).filter((one) => one.element === element).map((one) => one.components),
    ]
    all.forEach((occurrence, times) => {
      parts.push({ text: times === 0 ? '+' : '*' })
      occurrence.forEach((value, at) => {
        if (at > 0) parts.push({ text: ':' })
        const mark = findings.some(
          ({ position }) =>
            position.element === element &&
            (position.component === undefined || position.component === at + 1),
        )
        const title = titles[index]?.[at] ?? ''
        parts.push({ text: value.replace(/[?+:']/g, '?$&'), mark: mark && value !== '', title })
      })
    })
  })
  return [...parts, { text: "'" }]
}

function marked(findings: readonly FindingModel[]): Pick<LineModel, 'tone' | 'notes'> {
  if (findings.length === 0) return { tone: '', notes: [] }
  return {
    tone: findings.some((finding) => finding.severity === 'error') ? 'fault' : 'warn',
    notes: findings.map(({ what, message }) => ({ what, message })),
  }
}

function xmlLines(root: XmlElement, findings: readonly FindingModel[]): LineModel[] {
  const lines: LineModel[] = []
  const add = (depth: number, parts: LinePart[], own: readonly FindingModel[]) =>
    lines.push({ no: lines.length + 1, indent: indentOf(depth), ...marked(own), parts, name: '' })
  const walk = (element: XmlElement, depth: number) => {
    if (lines.length >= limits.paneParts) return
    const own = findings.filter(
      (finding) => finding.position.line === element.line && finding.position.line > 0,
    )
    const name = qualifiedName(element)
    const attributes = element.attributes.map((one) => ` ${qualifiedName(one)}="${one.value}"`).join('')
    const open: LinePart[] = [{ text: '<' }, { text: name, tag: true }, { text: `${attributes}>` }]
    const texts = element.content.filter((node) => typeof node === 'string')
    if (texts.length === element.content.length) {
      const text = texts.join('')
      add(depth, [...open, { text, mark: own.length > 0 && text !== '' }, { text: `</${name}>` }], own)
      return
    }
    add(depth, open, own)
    for (const node of element.content) {
      if (typeof node === 'string') add(depth + 1, [{ text: node }], [])
      else walk(node, depth + 1)
    }
    add(depth, [{ text: `</${name}>` }], [])
  }
  walk(root, 0)
  return lines.slice(0, limits.paneParts)
}

function jsonLines(tree: unknown): LineModel[] {
  return JSON.stringify(tree, null, 2)
    .split('\n')
    .slice(0, limits.paneParts)
    .map((line, index) => {
      const [, spaces = '', member = '', rest = ''] = /^( *)("(?:[^"\\]|\\.)*"(?=: ))?(.*)$/.exec(line) ?? []
      const parts: LinePart[] =
        member === '' ? [{ text: rest }] : [{ text: member, tag: true }, { text: rest }]
      return { no: index + 1, indent: indentOf(spaces.length / 2), tone: '', parts, name: '', notes: [] }
    })
}

function indentOf(depth: number): string {
  return depth === 0 ? '' : `in${Math.min(depth, 4)}`
}
