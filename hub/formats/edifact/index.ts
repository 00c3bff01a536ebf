import type { Format } from '#hub/model/format.ts'
import { checkMessage } from './check.ts'
import { composeContrl } from './contrl.ts'
import { readContrl } from './contrl-read.ts'
import { edifactReader } from './reader.ts'
import { bundleInterchanges, renumberInterchange } from './renumber.ts'
import { looksLikeEdifact } from './start.ts'
import { writeInterchange } from './writer.ts'

export { groupMessage, type GroupedMessage, type SegmentGroup } from './groups.ts'
export { repeated, segment, valueOf, type EdifactMessage, type EdifactSegment } from './tree.ts'

/** UN/EDIFACT, ISO 9735 syntax versions 1 to 4. `tree` is an `EdifactMessage`. */
export const edifactFormat: Format = {
  name: 'edifact',
  bearsReferences: true,
  detect: looksLikeEdifact,
  reader: edifactReader,
  check: checkMessage,
  write: writeInterchange,
  renumber: renumberInterchange,
  bundle: bundleInterchanges,
  acknowledge: composeContrl,
  readAcknowledgement: readContrl,
}
