import { codes, type CodeName } from '#hub/model/codes/index.ts'
import type { Finding } from '#hub/model/findings.ts'

/** A finding in two lines: severity, code, what, where; and what to do. */
export function findingLines({ position, severity, message, code }: Finding): string[] {
  const row = codes[code]
  const where = Object.entries(position)
    .filter(([name]) => name !== 'tag')
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
  const tag = position.tag === undefined ? '' : `${position.tag}: `
  const said = message === '' ? row.en.what : message
  return [
    plain(`${severity} ${row.code} ${tag}${said}${where === '' ? '' : ` (${where})`}`),
    `      ${row.en.fix}`,
  ]
}

/** What a code says of itself, in the same form. */
export function codeLines(code: CodeName, where = ''): string[] {
  const row = codes[code]
  return [`error ${row.code} ${row.en.what}${where === '' ? '' : ` (${where})`}`, `      ${row.en.fix}`]
}

/** Without what would move the cursor: messages hold texts from outside. */
function plain(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ')
}
