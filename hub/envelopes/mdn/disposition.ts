/** What an MDN says became of the message (RFC 4130 §7.4.3, §7.5). */
export interface Disposition {
  /** `processed` with or without a warning, or one of the two ways of saying no. */
  kind: 'processed' | 'warning' | 'error' | 'failure'
  /** The text behind the colon, e.g. `decryption-failed`, as written; empty where none stands. */
  modifier: string
  /** The whole field, as written. */
  text: string
}

/**
 * Reads a Disposition field. Seen in the field and taken: no action before the semicolon, `error: …` without `processed/`,
 * any case, several modifiers, of which the worst counts. Null where it says nothing known.
 */
export function readDisposition(text: string): Disposition | null {
  const status = text.includes(';') ? text.slice(text.indexOf(';') + 1) : text
  const match =
    /^\s*(?:(processed|failed)\s*(?:\/|$))?\s*(?:(error|failure|warning)\s*(?::(.*))?)?(.*)$/is.exec(status)
  const [, type = '', kind = '', modifier = '', other = ''] = match ?? []
  if ((type === '' && kind === '') || (kind === '' && other.trim() !== '')) {
    if (type === '') return null
    // an unknown modifier is no success
    return { kind: 'error', modifier: other.trim(), text }
  }
  const said = { modifier: modifier.trim(), text }
  if (kind !== '') return { kind: kind.toLowerCase() as 'error', ...said }
  return { kind: type.toLowerCase() === 'failed' ? 'failure' : 'processed', ...said }
}

/** A Disposition field: the automatic action, and `processed` or the text of a code, e.g. `processed/error: decryption-failed`. */
export function writeDisposition(status: string): string {
  return `automatic-action/MDN-sent-automatically; ${status}`
}
