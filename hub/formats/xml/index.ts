import type { Format } from '#hub/model/format.ts'
import { checkXml } from './check.ts'
import { isIntactXml } from './intact.ts'
import { XmlReader } from './read.ts'
import { writeXml } from './write.ts'

export {
  attributeOf,
  childOf,
  childrenOf,
  elementAt,
  elementsOf,
  qualifiedName,
  textAt,
  textOf,
  type Content,
  type XmlElement,
} from './tree.ts'
export { xmlText } from './write.ts'

/**
 * XML 1.0 with namespaces (https://www.w3.org/TR/xml/, https://www.w3.org/TR/xml-names/): one document a file, read
 * strictly and without a document type declaration. The tree is `XmlElement`. XML has no syntax acknowledgement.
 */
export const xmlFormat: Format = {
  name: 'xml',
  bearsReferences: false,
  detect: looksLikeXml,
  reader: (options) => new XmlReader(options),
  check: checkXml,
  write: writeXml,
  isIntact: isIntactXml,
  acknowledge: () => null,
  readAcknowledgement: () => null,
}

/** A `<` after white space, in any of the encodings that are read; UTF-16 shows as zero bytes between. */
function looksLikeXml(head: Buffer): boolean {
  const start = head.subarray(0, 256).toString('latin1')
  return /^(\xEF\xBB\xBF|\xFE\xFF|\xFF\xFE)?[\0\s]*<[\0]?[!?A-Z_a-z:\x80-\xFF]/.test(start)
}
