import { SaxesParser } from 'saxes'
import { formats } from '#hub/formats/index.ts'
import { xmlFormat, xmlText, type XmlElement } from '#hub/formats/xml/index.ts'
import type { ReadMessage } from '#hub/model/format.ts'
import { libraryMappings } from '#mappings/engine/index.ts'
import { besideEachOther, megabytes } from './rates.ts'
import { edifactOrder } from './samples.ts'
import type { Row } from './table.ts'

/** B6: a UBL order to the tree, beside saxes building a plain tree of the same; and what the writer's bytes cost to verify. */
export function xmlRows({ quick }: { quick: boolean }): Row[] {
  return [
    ['9 kB', 12],
    ['1 MB', 1_500],
  ].map(([size, lines]) => xmlRow(String(size), Buffer.from(ublOrder(Number(lines))), quick))
}

function xmlRow(size: string, bytes: Buffer, quick: boolean): Row {
  const rate = besideEachOther(
    [
      { name: 'ours', run: () => read(bytes), bytes: bytes.length },
      { name: 'saxes', run: () => bySaxes(bytes), bytes: bytes.length },
      { name: 'intact', run: () => xmlFormat.isIntact!(bytes), bytes: bytes.length },
    ],
    quick ? 300 : 1_500,
  )
  const ratio = rate['ours']! / rate['saxes']!
  return {
    bench: 'B6',
    what: `UBL to the tree, ${size}`,
    figure: `${megabytes(rate['ours']!)} MB/s`,
    beside: `saxes and a tree ${megabytes(rate['saxes']!)}; verifying what was written ${megabytes(rate['intact']!)}`,
    ratio,
    reach: '0.8',
    reached: ratio >= 0.8,
  }
}

function read(bytes: Buffer): ReadMessage {
  const reader = xmlFormat.reader()
  const found = [...reader.push(bytes), ...reader.end()].find((event) => event.kind === 'message')
  if (found === undefined) throw new Error('the sample is not read')
  return found.message
}

interface Plain {
  name: string
  uri: string
  attributes: Record<string, string>
  content: (Plain | string)[]
}

function bySaxes(bytes: Buffer): Plain {
  const parser = new SaxesParser({ xmlns: true })
  const open: Plain[] = []
  let root: Plain | null = null
  parser.on('opentag', ({ local, uri, attributes }) => {
    const element: Plain = { name: local, uri, attributes: {}, content: [] }
    for (const name in attributes) element.attributes[name] = attributes[name]!.value
    open.at(-1)?.content.push(element)
    root ??= element
    open.push(element)
  })
  parser.on('closetag', () => void open.pop())
  parser.on('text', (text) => void open.at(-1)?.content.push(text))
  parser.write(bytes.toString('utf8')).close()
  return root!
}

/** An order of so many lines as the hub writes it. */
function ublOrder(lines: number): string {
  const reader = formats.edifact.reader()
  const events = [...reader.push(edifactOrder(1, lines)), ...reader.end()]
  const message = events.find((event) => event.kind === 'message')!.message
  const { canonical } = libraryMappings.toCanonical('order/edifact-d96a', message)
  const context = { sender: null, receiver: null, settings: {} }
  const { tree } = libraryMappings.fromCanonical('order/ubl-2.1', canonical, context)
  return xmlText(tree as XmlElement, true)
}
