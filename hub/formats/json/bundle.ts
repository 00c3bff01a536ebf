import { HubError } from '#hub/model/errors.ts'
import type { RenumberedInterchange } from '#hub/model/format.ts'
import { JsonReader } from './read.ts'

/** An array of the documents of files that hold one each, also where it is one alone; what is between quotes has no line ends. */
export function bundleJson(files: readonly Buffer[]): Buffer {
  const items = files.map((bytes) => `  ${bytes.toString('utf8').trim().replaceAll('\n', '\n  ')}`)
  return Buffer.from(`[\n${items.join(',\n')}\n]\n`, 'utf8')
}

/** One document of a bundle, as an array of it alone; a file that is no array is taken as it is. Throws HubError `notWritable`. */
export function takeFromBundle(bytes: Buffer, { position }: Pick<RenumberedInterchange, 'position'>): Buffer {
  if (!bytes.toString('latin1').trimStart().startsWith('[')) return bytes
  const reader = new JsonReader()
  const found = [...reader.push(bytes), ...reader.end()]
    .flatMap((event) => (event.kind === 'message' ? event.message : []))
    .find((message) => message.position === position)
  if (found === undefined) throw new HubError('notWritable', `the array has no item ${position}`)
  return bundleJson([bytes.subarray(found.offset, found.offset + found.length)])
}
