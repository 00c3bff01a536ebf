import type { OpaqueWay } from '#hub/model/agreement.ts'
import type { Channel } from '#hub/model/transport.ts'
import { senderOf } from './parties.ts'
import { route } from './route.ts'
import type { Snapshot } from './snapshot.ts'

/**
 * The profile by which a file is passed through unread: of those of the channel's sender that an agreement joins, the first whose
 * `files` its name fits, the longest pattern first; else the one without `files`. Null where there is none.
 */
export function opaqueWay(
  snapshot: Snapshot,
  { channel, name, at }: { channel: Channel; name: string | null; at: Date },
): OpaqueWay | null {
  const sender = senderOf(snapshot, { channel, sender: null, at })
  if (sender.kind !== 'found') return null
  const fits = snapshot
    .profiles(sender.partnerId, 'sends', 'opaque')
    .filter(({ env, state }) => env === channel.env && snapshot.takesPart(state, env))
    .filter(({ terms: { files } }) => files === undefined || (name !== null && fitsPattern(name, files)))
    .toSorted((a, b) => (b.terms.files?.length ?? 0) - (a.terms.files?.length ?? 0))
  for (const { guide, terms } of fits) {
    const asked = { channel, sender: null, receiver: null, env: null, at }
    const found = route(snapshot, { ...asked, format: 'opaque', type: 'opaque', guide })
    const isAgreed = found.kind === 'resolved' || found.code === 'receiverUnknown'
    if (isAgreed) return { guide, named: terms.files !== undefined }
  }
  return null
}

/** Whether a file name fits a pattern in which `*` is any text and `?` any one character; case does not count. */
export function fitsPattern(name: string, pattern: string): boolean {
  const [text, wanted] = [[...name.toLowerCase()], [...pattern.toLowerCase()]]
  let at = 0
  let place = 0
  // where the last star stands, and how much of the text it has taken: only that one is ever tried anew
  let star = -1
  let taken = 0
  while (at < text.length) {
    if (wanted[place] === '*') {
      star = place++
      taken = at
    } else if (place < wanted.length && (wanted[place] === '?' || wanted[place] === text[at])) {
      at++
      place++
    } else if (star >= 0) {
      place = star + 1
      at = ++taken
    } else return false
  }
  return wanted.slice(place).every((one) => one === '*')
}
