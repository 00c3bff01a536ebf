import { limits } from '#hub/base/limits.ts'
import { header, type Headers } from './headers.ts'
import { decodeWords, readMimeValue } from './parameters.ts'

/**
 * The file name that an entity bears: `filename` of its Content-Disposition, else `name` of its Content-Type, with RFC 2047
 * and RFC 2231 decoded (M23). `shown` is a plain name without a path, control signs or signs that turn the reading direction,
 * at most `fileNameLength` characters; `received` is as it came. Neither is ever used as a path (M12). Null where none stands.
 */
export function fileNameOf(headers: Headers): { shown: string; received: string } | null {
  const received =
    readMimeValue(header(headers, 'Content-Disposition') ?? '').parameters.get('filename') ??
    readMimeValue(header(headers, 'Content-Type') ?? '').parameters.get('name')
  if (received === undefined || received === '') return null
  const utf8 = Buffer.from(received, 'latin1').toString('latin1') === received ? asUtf8(received) : received
  const shown = decodeWords(utf8)
    .replaceAll(/[\0-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/^.*[/\\]/, '')
    .replace(/^\.+$/, '')
    .trim()
    .slice(0, limits.fileNameLength)
  return shown === '' ? null : { shown, received: received.slice(0, limits.fileNameLength) }
}

/** Raw UTF-8 in a header is read as latin1 first; where it is UTF-8, it is taken as that. */
function asUtf8(text: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'latin1'))
  } catch {
    return text
  }
}
