import { Readable } from 'node:stream'
import { edifactMessage, jsonHead, jsonLine, mallory, supplier, xmlHead } from './orders.ts'

/*
 * Files made to fill a reader's memory or time. They are streams, so that the test itself holds none of them.
 */

const MiB = 1024 * 1024

/** `head`, then `unit` again and again until the file has so many bytes, then `tail`. */
export function filled(bytes: number, head: string, unit: string, tail: string): Readable {
  return Readable.from(pieces(bytes, head, unit, tail))
}

function* pieces(bytes: number, head: string, unit: string, tail: string): Generator<Buffer> {
  yield Buffer.from(head, 'latin1')
  const block = Buffer.from(unit.repeat(Math.max(1, Math.floor((256 * 1024) / unit.length))), 'latin1')
  let left = bytes - head.length - tail.length
  for (; left > block.length; left -= block.length) yield block
  const rest = Math.max(1, Math.floor(left / unit.length))
  yield Buffer.from(unit.repeat(rest), 'latin1')
  yield Buffer.from(tail, 'latin1')
}

/** A file of `count` units. */
export function repeated(
  count: number,
  head: string,
  unit: (index: number) => string,
  tail: string,
): Readable {
  return Readable.from(
    (function* () {
      let block = head
      for (let index = 1; index <= count; index++) {
        block += unit(index)
        if (block.length < 256 * 1024) continue
        yield Buffer.from(block, 'latin1')
        block = ''
      }
      yield Buffer.from(block + tail, 'latin1')
    })(),
  )
}

const envelope = `UNB+UNOC:3+${mallory}:14+${supplier}:14+261119:0915+BOMB'`
const opened = `${envelope}UNH+1+ORDERS:D:96A:UN:EAN008'BGM+220+BOMB+9'`

/** What a file of `size` bytes can be made of, in each format. */
export const bombs: Readonly<Record<string, (size?: number) => Readable>> = {
  'JSON: numbers': (size = 90 * MiB) => filled(size, '{"type":"order","n":[1', ',1', ']}'),
  'JSON: as many numbers as a document may have': () => filled(1_999_000, '[{"n":[1', ',1', ']}]'),
  'JSON: nested objects': (size = 90 * MiB) =>
    filled(size, '{"type":"order","n":[{}', `,${'{"a":'.repeat(60)}1${'}'.repeat(60)}`, ']}'),
  'JSON: nested objects up to the limit of a document': () =>
    filled(15 * MiB, '{"type":"order","n":[{}', `,${'{"a":'.repeat(60)}1${'}'.repeat(60)}`, ']}'),
  'JSON: empty objects and arrays': () => filled(5 * MiB, '{"n":[1', ',{},[]', ']}'),
  'JSON: documents with as many values as one may have': (size = 90 * MiB) =>
    filled(size, '[{}', `,{"n":[1${',{}'.repeat(900_000)}]}`, ']'),
  'JSON: tiny documents': (size = 90 * MiB) => filled(size, '[{}', ',{}', ']'),
  'JSON: one text': (size = 90 * MiB) => filled(size, '{"type":"', 'x', '"}'),
  'JSON: blanks': (size = 90 * MiB) => filled(size, '{', ' ', '}'),
  'JSON: an order of 150,000 lines': () =>
    repeated(150_000, `${jsonHead('BOMB')}"orderLine":[${jsonLine(0)}`, (id) => `,${jsonLine(id)}`, ']}'),
  'XML: a million elements': () => filled(4 * MiB, '<a>', '<b/>', '</a>'),
  'XML: empty elements': (size = 90 * MiB) => filled(size, '<a>', '<b/>', '</a>'),
  'XML: elements with a text': (size = 90 * MiB) => filled(size, '<a>', '<b>x</b>', '</a>'),
  'XML: attributes': (size = 90 * MiB) =>
    filled(size, '<a>', `<b ${Array.from({ length: 200 }, (_, n) => `a${n}=""`).join(' ')}/>`, '</a>'),
  'XML: name spaces': (size = 90 * MiB) =>
    filled(
      size,
      '<a>',
      `<b ${Array.from({ length: 200 }, (_, n) => `xmlns:a${n}="u${n}"`).join(' ')}/>`,
      '</a>',
    ),
  'XML: one text': (size = 90 * MiB) => filled(size, '<a>', 'x', '</a>'),
  'XML: texts and comments by turns': (size = 90 * MiB) => filled(size, '<a>', 'x<!---->', '</a>'),
  'XML: one attribute': (size = 90 * MiB) => filled(size, '<a b="', 'x', '"/>'),
  'XML: one comment': (size = 90 * MiB) => filled(size, '<a><!--', 'x', '--></a>'),
  'XML: one name': (size = 90 * MiB) => filled(size, '<', 'x', '/>'),
  'XML: an order of 200,000 lines': () =>
    repeated(
      200_000,
      xmlHead('BOMB'),
      (id) =>
        `<cac:OrderLine><cac:LineItem><cbc:ID>${id}</cbc:ID><cbc:Quantity unitCode="C62">${id}</cbc:Quantity><cac:Item><cbc:Name>Pain</cbc:Name></cac:Item></cac:LineItem></cac:OrderLine>`,
      '</Order>',
    ),
  'EDIFACT: tiny segments of one message': (size = 90 * MiB) =>
    filled(size, opened, "A'", "UNT+4+1'UNZ+1+BOMB'"),
  'EDIFACT: full segments of one message': (size = 60 * MiB) =>
    filled(size, opened, `FTX+AAI${'+'.repeat(400)}'`, "UNT+4+1'UNZ+1+BOMB'"),
  'EDIFACT: tiny segments outside any message': (size = 90 * MiB) =>
    filled(size, envelope, "A'", "UNZ+0+BOMB'"),
  'EDIFACT: terminators': (size = 90 * MiB) => filled(size, envelope, "'", "UNZ+0+BOMB'"),
  'EDIFACT: one segment': (size = 90 * MiB) => filled(size, `${opened}FTX+`, 'x', "'UNT+4+1'UNZ+1+BOMB'"),
  'EDIFACT: component separators': (size = 90 * MiB) =>
    filled(size, `${opened}FTX+`, ':', "'UNT+4+1'UNZ+1+BOMB'"),
  'EDIFACT: headers of messages': (size = 90 * MiB) =>
    filled(size, envelope, "UNH+1+ORDERS:D:96A:UN'", "UNZ+1+BOMB'"),
  'EDIFACT: headers of interchanges': (size = 90 * MiB) => filled(size, '', `${envelope}`, "UNZ+1+BOMB'"),
  'EDIFACT: headers of groups': (size = 90 * MiB) =>
    filled(size, envelope, "UNG+ORDERS+A+B+261119:0915+1+UN+D:96A'", "UNZ+1+BOMB'"),
  'EDIFACT: garbage between interchanges': (size = 90 * MiB) =>
    filled(size, `${envelope}UNZ+0+BOMB'`, 'UNB+x', ''),
  'EDIFACT: an order of 200,000 lines': () => orderOfLines(200_000),
}

/** An EDIFACT order of so many lines. */
export function orderOfLines(count: number): Readable {
  const [head = '', tail = ''] = edifactMessage('BOMB', mallory, 0).split("UNS+S'")
  return repeated(
    count,
    `${envelope}${head}`,
    (id) => `LIN+${id}++5412345001010:EN'QTY+21:1:PCE'PRI+AAA:14.40'`,
    `UNS+S'${tail.replace('CNT+2:0', `CNT+2:${count}`).replace(/UNT\+\d+/, `UNT+${3 * count + 9}`)}UNZ+1+BOMB'`,
  )
}
