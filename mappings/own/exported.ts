import type { CodeListDocument } from '#mappings/codes/document.ts'
import type { MappingRow } from '#mappings/store/mapping.ts'

/** A mapping in the form in which it is written; fields in the order of the reference, defaults left out. */
export function exportedMapping({ facts, state }: MappingRow): Record<string, unknown> {
  const {
    key,
    name,
    type,
    direction,
    extends: base,
    format,
    message,
    xml,
    codeLists,
    canonical,
    output,
    template,
    tests,
  } = facts
  return present({
    key,
    name,
    type,
    direction,
    state: state === 'live' ? undefined : state,
    extends: base,
    format,
    message,
    xml,
    codeLists,
    canonical,
    output,
    template,
    tests: tests.length === 0 ? undefined : tests,
  })
}

export function exportedCodeList({ key, name, codes }: CodeListDocument): Record<string, unknown> {
  return present({ key, name, codes })
}

function present(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}
