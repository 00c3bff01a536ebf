import { applyFilesInName } from '#hub/configuration-tools.ts'
import type { ConfigurationChange, Tools } from '#hub/tools.ts'
import { textOption, type Call } from './verb.ts'

/** The person that `--by` names, or null. */
export function byOption(call: Call): string | null {
  return textOption(call, 'by') ?? null
}

/** Applies documents that a verb made, or proposes them where what is live changes by two people; tells which. */
export async function applyInName(
  call: Call,
  tools: Tools,
  files: { path: string; text: string }[],
  asked: { by: string | null; reason: string },
): Promise<number> {
  const done = await applyFilesInName(tools, files, asked)
  if (call.json) call.out(JSON.stringify(done, null, 2))
  else if (done.proposal !== null) call.out(proposedText(done.proposal))
  else call.out(changesText(done.changes))
  return 0
}

/** What to do with what was proposed. */
export function proposedText(proposal: string): string {
  return `Proposed, not applied: what is live changes by two people here.\nAnother operator approves it: crossdock config approve ${proposal} --by EMAIL`
}

function changesText(changes: readonly ConfigurationChange[]): string {
  const real = changes.filter(({ action }) => !['none', 'absent', 'missing'].includes(action))
  const lines = real.map(({ action, kind, key, version, fields }) => {
    const what = fields.length === 0 ? '' : `: ${fields.join(', ')}`
    return `${action.padEnd(7)} ${kind} ${key}${version === null ? '' : ` version ${version}`}${what}`
  })
  return lines.length === 0 ? 'Nothing changed.' : lines.join('\n')
}
