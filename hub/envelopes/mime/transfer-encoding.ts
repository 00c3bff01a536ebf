import { Refusal } from '../refusal.ts'
import { chunksOf, type Bytes } from './byte-reader.ts'

/** Characters of a line of base64 (RFC 2045 §6.8). */
const lineCharacters = 76

/** The encoding that a Content-Transfer-Encoding names. Without one the bytes are taken as they are: `binary` (M1). */
export function encodingNamed(value: string | undefined): 'binary' | 'base64' | 'quoted-printable' {
  const name = (value ?? 'binary').trim().replaceAll('"', '').toLowerCase()
  if (name === 'base64' || name === 'quoted-printable') return name
  if (name === '' || name === '7bit' || name === '8bit' || name === 'binary') return 'binary'
  throw new Refusal('mimeUnreadable', { reason: 'an unknown Content-Transfer-Encoding' })
}

/** Takes a transfer encoding off; bytes at once stay bytes at once. */
export function decoded(body: Bytes, encoding: 'binary' | 'base64' | 'quoted-printable'): Bytes {
  if (encoding === 'binary') return body
  if (encoding === 'base64') return Buffer.isBuffer(body) ? fromBase64(body) : base64Stream(body)
  return quotedPrintableStream(body)
}

function fromBase64(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1')
  expectBase64(text)
  return Buffer.from(text, 'base64')
}

async function* base64Stream(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held = ''
  for await (const chunk of source) {
    const text = chunk.toString('latin1')
    expectBase64(text)
    held += text.replaceAll(/\s+/g, '')
    const whole = held.length - (held.length % 4)
    if (whole > 0) yield Buffer.from(held.slice(0, whole), 'base64')
    held = held.slice(whole)
  }
  if (held !== '') yield Buffer.from(held, 'base64')
}

function expectBase64(text: string): void {
  if (/[^A-Za-z0-9+/=\s]/.test(text))
    throw new Refusal('mimeUnreadable', { reason: 'a sign that base64 does not know' })
}

/** RFC 2045 §6.7: `=XX`, soft line ends, and blanks at the end of a line dropped. A `=` with anything else behind it stays. */
async function* quotedPrintableStream(source: Bytes): AsyncGenerator<Buffer> {
  let held = ''
  for await (const chunk of chunksOf(source)) {
    held += chunk.toString('latin1')
    const end = held.lastIndexOf('\n') + 1
    if (end > 0) yield fromQuotedPrintable(held.slice(0, end))
    held = held.slice(end)
  }
  if (held !== '') yield fromQuotedPrintable(held)
}

function fromQuotedPrintable(text: string): Buffer {
  const plain = text
    .replaceAll(/[ \t]+(\r?\n)/g, '$1')
    .replaceAll(/=\r?\n/g, '')
    .replaceAll(/=([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(plain, 'latin1')
}

/** The bytes as base64 in lines of 76 characters, each ended by CRLF. */
export function base64Lines(bytes: Buffer): string {
  const text = bytes.toString('base64')
  const lines: string[] = []
  for (let at = 0; at < text.length; at += lineCharacters) lines.push(text.slice(at, at + lineCharacters))
  return `${lines.join('\r\n')}\r\n`
}
