/**
 * Every limit of the hub, in one table. Units are the last word of each name. docs/limits.md lists them; a channel may
 * lower or raise those of its own traffic.
 */
export const limits = {
  /** One file, as received. */
  fileBytes: 100 * 1024 * 1024,
  /** Payload bytes that stand in the row itself; larger ones are chunks. */
  inlinePayloadBytes: 1024 * 1024,
  payloadChunkBytes: 1024 * 1024,
  fileNameLength: 255,
  idempotencyKeyLength: 255,

  /** Requests that share one commit at the door: documents, bytes, and commits in flight. */
  groupCommitDocuments: 128,
  groupCommitBytes: 8 * 1024 * 1024,
  groupCommitsInFlight: 2,

  /** Jobs a worker takes at once. */
  processBatch: 50,
  deliverBatch: 50,
  /** Attempts under way at once in one process, and on one channel. */
  deliveriesInFlight: 64,
  deliveriesInFlightPerChannel: 4,
  deliveryLeaseSeconds: 90,
  attemptSeconds: 60,

  /** Documents of one large file that are committed together. */
  splitCommitDocuments: 500,
  documentLines: 200_000,
  interchangeMessages: 1_000_000,
  /** Findings kept of one message; the rest is counted. */
  findingsKept: 200,

  xmlDepth: 64,
  xmlAttributes: 256,
  xmlNameBytes: 256,
  xmlElements: 2_000_000,
  /** Entity and character references in one file. */
  xmlReferences: 1_000_000,
  jsonDepth: 64,
  jsonTextCharacters: 10_000_000,
  jsonMembers: 10_000,
  jsonNumberCharacters: 1_000,
  jsonExponentDigits: 3,

  egressConnectMs: 10_000,
  egressIdleMs: 60_000,
  egressResponseBytes: 1024 * 1024,

  httpHeaderBytes: 16 * 1024,
  pageRows: 50,
} as const
