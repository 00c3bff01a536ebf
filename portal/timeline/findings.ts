import type { Finding, Position } from '#hub/model/findings.ts'
import type { Words } from '../words.ts'

/** A finding in words: what, where and what to do. */
export interface FindingModel {
  severity: Finding['severity']
  severityWord: string
  icon: string
  tone: string
  code: string
  /** What happened, in the reader's language. */
  what: string
  /** With the values that matter: English, as it was written when it was found; empty where it says no more than the code. */
  message: string
  fix: string
  where: string
  position: Position
}

/** Reads findings that were kept as JSON; an empty list for anything else. */
export function readFindings(bytes: Buffer): Finding[] {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    const list = Array.isArray(value) ? value : ((value as { findings?: unknown }).findings ?? [])
    return Array.isArray(list) ? list.filter(isFinding) : []
  } catch {
    return []
  }
}

/** Findings in words, errors first. */
export function findingModels(
  findings: readonly Finding[],
  words: Words,
  codeOf: (name: string) => string,
): FindingModel[] {
  const rank = { error: 0, warning: 1, note: 2 } as const
  return told(findings)
    .toSorted((a, b) => rank[a.severity] - rank[b.severity])
    .map((finding) => {
      const code = codeOf(finding.code)
      const known = words.code(code)
      return {
        severity: finding.severity,
        severityWord: words.t(`severity.${finding.severity}`),
        icon: finding.severity === 'error' ? 'circle-x' : 'alert-triangle',
        tone: finding.severity === 'error' ? 'bad' : finding.severity === 'warning' ? 'wait' : 'none',
        code,
        what: known?.what ?? '',
        message: known !== null && finding.message === known.row.en.what ? '' : finding.message,
        fix: known?.fix ?? '',
        where: positionText(finding.position, words),
        position: finding.position,
      }
    })
}

/** Each once, and none without a place where the same is said with one. */
function told(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>()
  return findings.filter((finding) => {
    const { code, message, position } = finding
    const key = JSON.stringify([
      code,
      message,
      position.segment,
      position.element,
      position.offset,
      position.path,
    ])
    const placeless = Object.keys(position).length === 0
    const better =
      placeless && findings.some((one) => one.code === code && Object.keys(one.position).length > 0)
    if (seen.has(key) || better) return false
    seen.add(key)
    return true
  })
}

/** A position as people count: "segment 5, DTM, element 1, byte 208". */
export function positionText(position: Position, words: Words): string {
  const { t, number } = words
  const parts: string[] = []
  if (position.segment !== undefined) {
    const n = number(position.segment)
    const tag = position.tag ?? ''
    parts.push(tag === '' ? t('position.segment', { n }) : t('position.segment.tag', { n, tag }))
  } else if (position.path ?? position.tag) {
    parts.push((position.path ?? position.tag)!)
  }
  if (position.element !== undefined) parts.push(t('position.element', { n: position.element }))
  if (position.component !== undefined) parts.push(t('position.component', { n: position.component }))
  if (position.line !== undefined) {
    const n = number(position.line)
    parts.push(
      position.column === undefined
        ? t('position.line', { n })
        : t('position.line.column', { n, m: number(position.column) }),
    )
  }
  if (position.offset !== undefined) parts.push(t('position.offset', { n: number(position.offset) }))
  if (parts.length === 0 && position.message !== undefined)
    parts.push(t('position.message', { n: position.message }))
  if (parts.length === 0 && position.interchange !== undefined) {
    parts.push(t('position.interchange', { n: position.interchange }))
  }
  return parts.join(', ')
}

function isFinding(value: unknown): value is Finding {
  const one = value as Partial<Finding> | null
  return (
    typeof one === 'object' &&
    one !== null &&
    typeof one.code === 'string' &&
    typeof one.message === 'string' &&
    (one.severity === 'error' || one.severity === 'warning' || one.severity === 'note') &&
    typeof one.position === 'object' &&
    one.position !== null
  )
}
