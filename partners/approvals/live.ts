import type { Facts, PlannedChange } from '../change.ts'

/**
 * Whether a change touches what takes part in live traffic: of a partner only whether it is ours and its time zone, by which documents are
 * routed and hours are told. A channel never changes its environment, so what is its own has that environment too.
 */
export function touchesLive(change: PlannedChange): boolean {
  if (change.write === null) return false
  const { kind, env, action, after } = change
  switch (kind) {
    case 'partner':
      return action === 'change' && change.fields.some((field) => field === 'ours' || field === 'timeZone')
    case 'identity':
    case 'channel':
    case 'credential':
    case 'secret':
      return env !== 'test'
    case 'profile':
    case 'agreement':
      return env !== 'test' && change.live === true
    case 'mapping':
      return action === 'retire' || isLive(after) || change.before?.['state'] === 'live'
    case 'codeList':
      return true
  }
}

/** Without a state it is live, as in a document. */
function isLive(facts: Facts | undefined): boolean {
  return (facts?.['state'] ?? 'live') === 'live'
}
