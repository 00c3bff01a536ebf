import type { SandboxLists } from '#mappings/sandbox/program.ts'

/** Code lists by their key, in the form in which mappings look codes up. */
export type CodeLists = SandboxLists

/**
 * What a code becomes on a day; undefined where the list has no row for it then. Of several rows the first counts that
 * holds on the day; without a day only rows hold that hold always.
 */
export function lookUp(lists: CodeLists, list: string, code: string, day: string | null): string | undefined {
  const rows = lists[list]
  const found = rows !== undefined && Object.hasOwn(rows, code) ? rows[code] : undefined
  return found?.find(
    ({ from, until }) =>
      (from === undefined && until === undefined) ||
      (day !== null && (from === undefined || from <= day) && (until === undefined || day < until)),
  )?.to
}
