import { crc32, inflateRawSync } from 'node:zlib'

/**
 * Reads zip archives (PKWARE APPNOTE 6.3.10, sections 4.3.7 and 4.3.12) that lie in memory. Understands stored and deflated
 * entries; not encryption, Zip64 or archives in parts. Sizes are checked before anything is unpacked.
 */
export interface ZipEntry {
  /** Its path within the archive, with slashes. */
  readonly name: string
  /** Unpacks it. Throws Error where it is damaged, encrypted, packed in another way, or larger than `mostBytes`. */
  read(mostBytes: number): Buffer
}

/** The files of an archive, in its order, at most `mostEntries`. Throws Error where the bytes are no zip archive. */
export function zipEntries(archive: Buffer, mostEntries: number): ZipEntry[] {
  const end = endOfDirectory(archive)
  const count = archive.readUInt16LE(end + 10)
  if (count > mostEntries)
    throw new Error(`the archive has ${count} entries; at most ${mostEntries} are read`)
  let at = archive.readUInt32LE(end + 16)
  const entries: ZipEntry[] = []
  for (let index = 0; index < count; index++) {
    if (at + entryBytes > archive.length || archive.readUInt32LE(at) !== entrySignature)
      throw new Error('the directory of the archive is damaged')
    const entry = readEntry(archive, at)
    if (!entry.name.endsWith('/')) entries.push(entry)
    at += entryBytes + variableBytes(archive, at)
  }
  return entries
}

const endSignature = 0x06054b50
const endBytes = 22
const entrySignature = 0x02014b50
const entryBytes = 46
const localSignature = 0x04034b50
const localBytes = 30
const longestComment = 0xffff
const method = { stored: 0, deflated: 8 } as const

function endOfDirectory(archive: Buffer): number {
  const earliest = Math.max(0, archive.length - endBytes - longestComment)
  for (let at = archive.length - endBytes; at >= earliest; at--) {
    if (archive.readUInt32LE(at) === endSignature) return at
  }
  throw new Error('this is no zip archive')
}

function variableBytes(archive: Buffer, at: number): number {
  return archive.readUInt16LE(at + 28) + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32)
}

function readEntry(archive: Buffer, at: number): ZipEntry {
  const nameLength = archive.readUInt16LE(at + 28)
  const name = archive.toString('latin1', at + entryBytes, at + entryBytes + nameLength)
  const facts = {
    encrypted: (archive.readUInt16LE(at + 8) & 1) === 1,
    method: archive.readUInt16LE(at + 10),
    crc: archive.readUInt32LE(at + 16),
    packedBytes: archive.readUInt32LE(at + 20),
    bytes: archive.readUInt32LE(at + 24),
    localAt: archive.readUInt32LE(at + 42),
  }
  const read = (mostBytes: number): Buffer => {
    const fault = (what: string) => new Error(`${name}: ${what}`)
    if (facts.encrypted) throw fault('it is encrypted')
    if (facts.bytes > mostBytes) throw fault(`it has ${facts.bytes} bytes; at most ${mostBytes} are read`)
    const { localAt } = facts
    if (localAt + localBytes > archive.length || archive.readUInt32LE(localAt) !== localSignature)
      throw fault('it is damaged')
    const from =
      localAt + localBytes + archive.readUInt16LE(localAt + 26) + archive.readUInt16LE(localAt + 28)
    const unpacked = unpack(archive.subarray(from, from + facts.packedBytes), facts)
    if (unpacked === null) throw fault(`it is packed by method ${facts.method}, which is not read`)
    if (unpacked.length !== facts.bytes || crc32(unpacked) !== facts.crc) throw fault('it is damaged')
    return unpacked
  }
  return { name: name.replaceAll('\\', '/'), read }
}

function unpack(packed: Buffer, facts: { method: number; bytes: number }): Buffer | null {
  if (facts.method === method.stored) return packed
  if (facts.method !== method.deflated) return null
  if (facts.bytes === 0) return Buffer.alloc(0)
  return inflateRawSync(packed, { maxOutputLength: facts.bytes })
}
