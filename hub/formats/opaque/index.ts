import { HubError } from '#hub/model/errors.ts'
import type { Format } from '#hub/model/format.ts'

/**
 * Files that are passed through unread. Which these are is agreed by channel and file name, so none is told from its bytes;
 * nothing is found in one, nothing is checked, and nothing is written: what goes out are the bytes that came in.
 */
export const opaqueFormat: Format = {
  name: 'opaque',
  bearsReferences: true,
  detect: () => false,
  reader: () => ({ push: () => [], end: () => [] }),
  check: () => [],
  write: () => {
    throw new HubError('notWritable', 'a file that is passed through unread is not written')
  },
  acknowledge: () => null,
  readAcknowledgement: () => null,
}
