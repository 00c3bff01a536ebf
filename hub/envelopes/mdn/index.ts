export { composeMdn, isMessageId, type MdnFields } from './compose.ts'
export { readDisposition, type Disposition } from './disposition.ts'
export {
  compareMic,
  readMic,
  writeMic,
  type MicComparison,
  type MicVariant,
  type ReceivedMic,
  type SentContent,
} from './mic.ts'
export { isMdn, isSameMessageId, readMdn, type Mdn, type MdnOptions, type ReadMdn } from './read.ts'
export { receiptWish, type ReceiptWish } from './wish.ts'
