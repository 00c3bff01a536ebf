import { limits } from '#hub/base/limits.ts'
import { Refusal } from '../../refusal.ts'
import type { ByteReader } from '../../mime/byte-reader.ts'
import { readElement, readHeader, tags, unreadable, type Element, type ElementHeader } from './element.ts'

/** Tag and length octets are never more than this. */
const headerBytesMost = 18
const constructedBit = 0x20

/** An open element: where its contents end in the stream; null where end-of-contents octets end it. */
export interface Frame {
  end: number | null
}

/**
 * BER as a stream: what holds the content is walked step by step, the content itself goes through in the chunks in which
 * it comes, and everything small beside it is read whole (`element`), together at most `cmsStructureBytes`.
 */
export class BerStream {
  #reader: ByteReader
  #structureBytes = 0

  constructor(reader: ByteReader) {
    this.#reader = reader
  }

  /** Enters a constructed element of this tag. */
  async enter(tag: number): Promise<Frame> {
    const head = await this.header()
    if (head.tag !== tag) throw unreadable('another element than expected')
    return this.frame(head)
  }

  frame(head: ElementHeader): Frame {
    return { end: head.length === null ? null : this.#reader.position + head.length }
  }

  /** Takes the tag and length of the next element. */
  async header(): Promise<ElementHeader> {
    const head = await this.#peek()
    this.#reader.take(head.bytes)
    return head
  }

  /** The tag of the next element in the frame, or null at the frame's end. */
  async tagIn(frame: Frame): Promise<number | null> {
    if (frame.end !== null) {
      if (this.#reader.position > frame.end) throw unreadable('an element is longer than what holds it')
      if (this.#reader.position === frame.end) return null
    }
    if (!(await this.#reader.fill(2))) throw unreadable('an element is cut off')
    const { window } = this.#reader
    return frame.end === null && window[0] === 0 && window[1] === 0 ? null : window[0]!
  }

  /** Leaves the frame: nothing may stand in it any more. */
  async leave(frame: Frame): Promise<void> {
    if ((await this.tagIn(frame)) !== null) throw unreadable('more elements than expected')
    if (frame.end === null) this.#reader.take(2)
  }

  /** The next element as a whole. */
  async element(): Promise<Element> {
    const length = await this.#wholeLength(0, 0)
    if (!(await this.#reader.fill(length))) throw unreadable('an element is cut off')
    this.#structureBytes += length
    this.#expectSmall(this.#structureBytes)
    return readElement(this.#reader.take(length))
  }

  /** The bytes of an octet string whose header was taken: in one piece or in constructed pieces, to any legal depth. */
  async *octets(head: ElementHeader, depth = 0): AsyncGenerator<Buffer> {
    if (depth > limits.cmsDepth)
      throw new Refusal('cmsTooLarge', { limit: 'cmsDepth', most: limits.cmsDepth })
    if ((head.tag & constructedBit) === 0) {
      yield* this.#primitive(head.length!)
      return
    }
    const frame = this.frame(head)
    for (let tag = await this.tagIn(frame); tag !== null; tag = await this.tagIn(frame)) {
      if ((tag & ~constructedBit) !== tags.octets) throw unreadable('another element than an octet string')
      const inner = await this.header()
      if (inner.length !== null && frame.end !== null && this.#reader.position + inner.length > frame.end)
        throw unreadable('an element is longer than what holds it')
      yield* this.octets(inner, depth + 1)
    }
    await this.leave(frame)
  }

  /** After the outermost element: only line ends may follow (M26). */
  async finish(): Promise<void> {
    for await (const chunk of this.#reader.rest())
      if (chunk.some((byte) => byte !== 0x0a && byte !== 0x0d)) throw unreadable('bytes behind the end')
  }

  async *#primitive(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0;) {
      if (!(await this.#reader.fill(1))) throw unreadable('an element is cut off')
      const chunk = this.#reader.take(Math.min(left, this.#reader.window.length))
      left -= chunk.length
      yield chunk
    }
  }

  async #peek(at = 0): Promise<ElementHeader> {
    for (;;) {
      const head = readHeader(this.#reader.window, at)
      if (head !== null) return head
      if (this.#reader.window.length > at + headerBytesMost || !(await this.#reader.more()))
        throw unreadable('an element is cut off')
    }
  }

  /** The length of the element at a place of the window, header and all; for an indefinite one its end is looked for. */
  async #wholeLength(at: number, depth: number): Promise<number> {
    if (depth > limits.cmsDepth)
      throw new Refusal('cmsTooLarge', { limit: 'cmsDepth', most: limits.cmsDepth })
    const head = await this.#peek(at)
    if (head.length !== null) {
      this.#expectSmall(at + head.bytes + head.length)
      return head.bytes + head.length
    }
    for (let length = head.bytes; ;) {
      if (!(await this.#reader.fill(at + length + 2))) throw unreadable('an element is cut off')
      const { window } = this.#reader
      if (window[at + length] === 0 && window[at + length + 1] === 0) return length + 2
      length += await this.#wholeLength(at + length, depth + 1)
      this.#expectSmall(at + length)
    }
  }

  #expectSmall(bytes: number): void {
    if (bytes > limits.cmsStructureBytes)
      throw new Refusal('cmsTooLarge', { limit: 'cmsStructureBytes', most: limits.cmsStructureBytes })
  }
}
