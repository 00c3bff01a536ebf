const lineFeed = 10

/**
 * Cuts a stream of bytes into lines, without their line feeds; the last one need not end with one. A line above the limit
 * comes as no bytes, which no reader takes for a line.
 */
export async function* readLines(chunks: AsyncIterable<Buffer>, bytesMost: number): AsyncGenerator<Buffer> {
  let parts: Buffer[] = []
  let length = 0
  const line = (): Buffer => {
    const whole = length > bytesMost ? Buffer.alloc(0) : Buffer.concat(parts)
    parts = []
    length = 0
    return whole
  }
  const add = (part: Buffer): void => {
    length += part.length
    if (length <= bytesMost) parts.push(part)
  }
  for await (const chunk of chunks) {
    let from = 0
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, from)) {
      add(chunk.subarray(from, end))
      yield line()
      from = end + 1
    }
    if (from < chunk.length) add(chunk.subarray(from))
  }
  if (length > 0) yield line()
}
