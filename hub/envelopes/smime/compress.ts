import { Readable } from 'node:stream'
import { createDeflate, deflateSync } from 'node:zlib'
import { entityBytes, type Entity } from '../mime/write.ts'
import { tags } from './asn1/element.ts'
import { derHeader, octetString, oid, sequence, smallInteger, tagged } from './asn1/write.ts'
import { contentTypes, zlibOid } from './content-types.ts'

/** CompressedData (RFC 3274, RFC 5402) round an entity, headers and body. A stream stays one and gives BER. */
export function compress(entity: Entity): Entity {
  const plain = entityBytes(entity)
  return {
    headers: [
      ['Content-Type', 'application/pkcs7-mime; smime-type=compressed-data; name="smime.p7z"'],
      ['Content-Disposition', 'attachment; filename="smime.p7z"'],
      ['Content-Transfer-Encoding', 'binary'],
    ],
    body: Buffer.isBuffer(plain) ? atOnce(plain) : asStream(plain),
  }
}

const algorithm = sequence(oid(zlibOid))

function atOnce(plain: Buffer): Buffer {
  const info = sequence(oid(contentTypes.data), tagged(0, octetString(deflateSync(plain))))
  return sequence(oid(contentTypes.compressed), tagged(0, sequence(smallInteger(0), algorithm, info)))
}

async function* asStream(plain: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield Buffer.concat([
    Buffer.from([tags.sequence, 0x80]),
    oid(contentTypes.compressed),
    Buffer.from([0xa0, 0x80, tags.sequence, 0x80]),
    smallInteger(0),
    algorithm,
    Buffer.from([tags.sequence, 0x80]),
    oid(contentTypes.data),
    Buffer.from([0xa0, 0x80, 0x24, 0x80]),
  ])
  const readable = Readable.from(plain, { objectMode: false })
  const deflate = createDeflate({ chunkSize: 64 * 1024 })
  readable.on('error', (error) => deflate.destroy(error))
  try {
    for await (const chunk of readable.pipe(deflate) as AsyncIterable<Buffer>) {
      yield derHeader(tags.octets, chunk.length)
      yield chunk
    }
  } finally {
    readable.destroy()
    deflate.destroy()
  }
  // the ends of octets, [0], content info, CompressedData, [0] and ContentInfo
  yield Buffer.alloc(12)
}
