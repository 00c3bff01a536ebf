import type {
  FormatEvent,
  FormatReader,
  ReadInterchange,
  ReadMessage,
  ReadOptions,
} from '#hub/model/format.ts'
import { factsOf } from './document-types.ts'
import { XmlParser } from './parse.ts'
import type { XmlElement } from './tree.ts'

/**
 * A file is one document, and counts as an interchange with one message whose trailer is the end of the root element.
 * Everything is told at the end: well-formedness is not known before.
 */
export class XmlReader implements FormatReader {
  readonly #parser: XmlParser

  constructor(options: ReadOptions = {}) {
    this.#parser = new XmlParser(options)
  }

  push(chunk: Buffer): FormatEvent[] {
    this.#parser.push(chunk)
    return []
  }

  end(): FormatEvent[] {
    const { root, findings } = this.#parser.end()
    if (root === null) return [{ kind: 'fault', findings }]
    const message = messageOf(root, this.#parser.elements, this.#parser.bytes)
    return [
      { kind: 'interchange', interchange: interchangeOf(message) },
      { kind: 'message', message },
      { kind: 'trailer', trailer: { closed: true, messages: 1, offset: this.#parser.bytes, findings: [] } },
    ]
  }
}

function messageOf(root: XmlElement, parts: number, length: number): ReadMessage {
  return {
    format: 'xml',
    position: 1,
    wireType: root.name,
    ...factsOf(root),
    reference: '',
    tree: root,
    parts,
    offset: 0,
    length,
    findings: [],
  }
}

function interchangeOf(message: ReadMessage): ReadInterchange {
  return {
    format: 'xml',
    syntax: '1.0',
    position: 1,
    sender: message.sender,
    receiver: message.receiver,
    reference: '',
    env: null,
    acknowledgementRequested: 'none',
    header: { root: message.wireType, namespace: (message.tree as XmlElement).namespace },
    offset: 0,
    findings: [],
  }
}
