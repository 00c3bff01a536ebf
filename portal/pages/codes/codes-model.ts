import { codes, type Code } from '#hub/model/codes/index.ts'
import type { Words } from '../../words.ts'

interface CodeModel {
  /** The stable code; also the anchor on the page, which `type` of a problem points to. */
  code: string
  what: string
  fix: string
  facts: { label: string; value: string }[]
}

interface CodeGroup {
  id: string
  title: string
  codes: CodeModel[]
}

/** The whole registry in one language, by the place where things go wrong: the first digit of the code. */
export function codeGroups(words: Words): CodeGroup[] {
  const groups = new Map<string, Code[]>()
  for (const row of (Object.values(codes) as Code[]).toSorted((a, b) => (a.code < b.code ? -1 : 1))) {
    const digit = row.code.charAt('CD-'.length)
    groups.set(digit, [...(groups.get(digit) ?? []), row])
  }
  return [...groups].map(([digit, rows]) => ({
    id: `group-${digit}`,
    title: words.t(`codes.group.${digit as '1'}`),
    codes: rows.map((row) => codeModel(row, words)),
  }))
}

function codeModel(row: Code, words: Words): CodeModel {
  const { t } = words
  const facts = [
    { label: t('codes.turn'), value: t(`codes.turn.${row.turn}`) },
    { label: t('codes.retry'), value: t(`codes.retry.${row.retry}`) },
    { label: t('codes.http'), value: row.http === undefined ? '' : String(row.http) },
    { label: t('codes.contrl'), value: row.contrl ?? '' },
    { label: t('codes.mdn'), value: row.mdn ?? '' },
  ]
  return { code: row.code, ...row[words.language], facts: facts.filter((fact) => fact.value !== '') }
}
