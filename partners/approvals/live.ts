import type { Facts, PlannedChange } from '../change.ts'

/** Whether a change touches what takes part in live traffic: the name, language and contacts of a partner do not. */
export function touchesLive(change: PlannedChange): boolean {
  if (change.write === null) return false
  const { kind, env, action, after } = change
  switch (kind) {
    case 'partner':
      return false
    case 'identity':
    case 'channel':
    case 'credential':
    case 'secret':
      return env !== 'test'
    case 'profile':
    case 'agreement':
      return env !== 'test' && change.live === true
    case 'mapping':
      return action === 'retire' || isLive(after)
    case 'codeList':
      return true
  }
}

/** Without a state it is live, as in a document. */
function isLive(facts: Facts | undefined): boolean {
  return (facts?.['state'] ?? 'live') === 'live'
}
