import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { UsageError } from './verb.ts'

/** The bytes of a file, or of standard input for `-`, as they come. Throws UsageError where there is no such file. */
export async function openInput(path: string): Promise<AsyncIterable<Buffer>> {
  if (path === '-') return process.stdin as AsyncIterable<Buffer>
  const facts = await stat(path).catch(() => null)
  if (facts === null) throw new UsageError(`cannot open ${path}: there is no such file`)
  if (facts.isDirectory()) throw new UsageError(`cannot read ${path}: it is a folder`)
  return createReadStream(path, { highWaterMark: 256 * 1024 })
}

/** The same, whole. Throws UsageError where it is larger. */
export async function readInput(path: string, bytesMost: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of await openInput(path)) {
    size += chunk.length
    if (size > bytesMost) throw new UsageError(`${path} is larger than ${bytesMost} bytes (fileBytes)`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
