import { limits } from '#hub/base/limits.ts'

/** A place in the mailbox. There is nothing else: no path of a partner's ever reaches a disk. */
export type Place =
  | { kind: 'root' }
  | { kind: 'inbox' }
  | { kind: 'outbox' }
  | { kind: 'inboxFile'; name: string }
  | { kind: 'outboxFile'; name: string }
  | { kind: 'nowhere' }

/**
 * Where a path leads, normalised once, here, at the edge of the request. Relative paths start at `/`; `..` at the root stays
 * there. Names with control characters, backslashes, bytes that were no UTF-8, or marks that turn the writing direction lead
 * nowhere, as do those longer than 255 bytes.
 */
export function placeOf(path: string): Place {
  if (Buffer.byteLength(path) > limits.sftpPathBytes) return { kind: 'nowhere' }
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') parts.pop()
    else if (isName(part)) parts.push(part)
    else return { kind: 'nowhere' }
  }
  const [folder, name] = parts
  if (parts.length > 2) return { kind: 'nowhere' }
  if (folder === undefined) return { kind: 'root' }
  if (folder === 'inbox') return name === undefined ? { kind: 'inbox' } : { kind: 'inboxFile', name }
  if (folder === 'outbox') return name === undefined ? { kind: 'outbox' } : { kind: 'outboxFile', name }
  return { kind: 'nowhere' }
}

/** The one spelling of a place, or null of nowhere. */
export function pathOf(place: Place): string | null {
  switch (place.kind) {
    case 'root':
      return '/'
    case 'inbox':
    case 'outbox':
      return `/${place.kind}`
    case 'inboxFile':
      return `/inbox/${place.name}`
    case 'outboxFile':
      return `/outbox/${place.name}`
    case 'nowhere':
      return null
  }
}

/**
 * Whether a name says that more is to come: clients upload under such a name and rename when all is there (WinSCP
 * `.filepart`, others `.part`, `.tmp`, or a dot in front).
 */
export function isTemporaryName(name: string): boolean {
  return name.startsWith('.') || /\.(part|tmp|filepart)$/i.test(name)
}

function isName(part: string): boolean {
  if (Buffer.byteLength(part) > limits.fileNameLength) return false
  // U+FFFD stands where bytes were not UTF-8; the last range are marks that turn the writing direction
  return !/[\p{Cc}\\\u2028\u2029\ufffd\u202a-\u202e\u2066-\u2069]/u.test(part)
}
