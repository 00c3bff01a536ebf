import { nearest } from './nearest.ts'

/**
 * Every limit of the hub, in one table. Units are the last word of each name. docs/limits.md lists them. The operator changes one for
 * the whole hub by CROSSDOCK_LIMITS (`name=value,name=value`); a channel may set those of its own traffic (traffic-limits.ts).
 */
const table = {
  /** One file, as received. */
  fileBytes: 100 * 1024 * 1024,
  /** Contents just written that a process keeps at hand for its own next step, in all. */
  recentPayloadBytes: 32 * 1024 * 1024,
  recentPayloadSeconds: 60,
  /** Payload bytes that stand in the row itself; larger ones are chunks. */
  inlinePayloadBytes: 1024 * 1024,
  payloadChunkBytes: 1024 * 1024,
  /** A request's body of a known length up to this is taken in one piece. */
  bodyInOnePieceBytes: 64 * 1024,
  fileNameLength: 255,
  idempotencyKeyLength: 255,

  /** Requests that share one commit at the door: documents, bytes, and commits in flight. */
  groupCommitDocuments: 128,
  groupCommitBytes: 8 * 1024 * 1024,
  groupCommitsInFlight: 2,
  /** So many wait before another commit begins beside the one that is under way. */
  groupCommitBeside: 32,
  /** Sealed bytes that may wait at the door for a commit; beyond, senders are asked to come back. */
  groupCommitWaitingBytes: 64 * 1024 * 1024,
  /** How long a statement waits for a lock that another holds; then it is as if the database were away. */
  lockWaitMs: 8_000,
  /** A transaction that does nothing for so long is ended by the server: its process stands still. */
  transactionIdleMs: 20_000,
  /** Silence within an upload. */
  uploadIdleMs: 120_000,
  /** How long a door goes on taking, and throws away, what a refused sender is still sending, so that it reads the answer. */
  refusedLingerMs: 2_000,
  orphanChunkHours: 24,
  /** Names and keys whose time is over that are forgotten in one pass of housekeeping. */
  onceSweptAtOnce: 500_000,

  /** Ids that one job carries, and jobs that a worker takes at once. */
  idsPerJob: 100,
  jobsAtOnce: 10,
  /** Files, and attempts, that share one transaction. */
  processBatch: 100,
  deliverBatch: 100,
  /** How long a transaction waits for more attempts that end, while many are under way. */
  deliverPatienceMs: 50,
  /** Statements of the queue that are prepared once per connection. */
  queueStatements: 100,
  /** Jobs are announced; this often is looked for what was not heard. */
  queuePollSeconds: 2,
  /** Attempts under way at once in one process, and on one channel. */
  deliveriesInFlight: 256,
  deliveriesInFlightPerChannel: 4,
  /** Deliveries of one channel that a process keeps in mind; what is beyond stays in its table. */
  deliveriesQueuedPerChannel: 500,
  /** How often an ordered delivery looks whether the files accepted before it are read. */
  orderLookMs: 500,
  /** How long a channel's secret is held for attempts that follow each other, and how many are held. */
  secretHeldMs: 1_000,
  secretsHeld: 1_000,
  /** A claim lasts this long unless renewed: after a crash its delivery is looked at again. */
  deliveryLeaseSeconds: 30,
  deliveryLeaseRenewSeconds: 10,
  /** A job that nobody has beaten for so long has lost its worker: it is asked for again. */
  jobSilenceSeconds: 20,
  attemptSeconds: 60,
  /** How long past its time a transport may take to end an attempt that was aborted. */
  attemptGraceSeconds: 5,
  /** The longest wait that a peer's Retry-After is followed. */
  retryAfterSeconds: 86_400,
  /** How often, and how far apart, it is tried to record what an attempt came to. */
  settleTries: 30,
  settleRetryMs: 2_000,
  /** How long attempts under way may take to end when the hub stops. */
  closeSeconds: 10,
  /** What is kept of a peer's own words about one attempt. */
  evidenceCharacters: 64 * 1024,

  /** Seconds between two passes of watch; rows it takes at once; deliveries of one channel it asks for at once. */
  watchSeconds: 5,
  watchBatch: 500,
  watchPerChannel: 100,
  /** What is due for less than this is left to its job. */
  watchGraceSeconds: 15,
  /** How far back watch looks for files that came to nothing. */
  watchDays: 31,
  /** The checks look at what is older than so many minutes and so often; at the last days at start and every so many hours. */
  watchCheckMinutes: 5,
  watchCheckDays: 2,
  watchCheckHours: 24,
  watchIncidentsRemembered: 10_000,
  partitionMonthsAhead: 3,

  /** How often the sequencer looks, how old an entry is before it gets its place, and how many get theirs in one commit. */
  ledgerEveryMs: 1_000,
  ledgerSettleMs: 250,
  ledgerBatch: 1_024,
  /** After a crash another process leads once this has run out; one that stands still in a transaction is cut off. */
  ledgerLeaseSeconds: 5,
  /** The longest that an entry should wait for its place: more is a finding of doctor. */
  ledgerDelaySeconds: 5,
  /** How long the checkpoint that pages show is kept, and entries that one proof of a document holds. */
  checkpointHeldMs: 2_000,
  documentProofEntries: 200,
  /** One line of a ledger export. */
  ledgerLineBytes: 16 * 1024 * 1024,

  /** Processes that may die with a file at work before it is given up, and for how long that is remembered. */
  processTries: 3,
  processRunHours: 48,
  /** So many documents must have come in a window before a share of repeats among them says anything. */
  railRateDocuments: 10,
  /** Documents of a hold that are shown with it. */
  holdMembers: 1_000,
  /** A file up to this size is read whole and recorded with others in one commit; a larger one is read as a stream. */
  splitWholeBytes: 1024 * 1024,
  /** A file with a longer message than this is processed in a thread beside the others. */
  longMessageBytes: 1024 * 1024,
  /** That thread: its heap, that of what is new in it, and how long it stays without work. */
  largeThreadMegabytes: 3072,
  largeThreadYoungMegabytes: 64,
  largeThreadIdleSeconds: 60,
  /** Documents of one large file that are committed together: by number, and by their size in it. */
  splitCommitDocuments: 500,
  splitCommitBytes: 4 * 1024 * 1024,
  documentLines: 200_000,
  /** Documents and interchanges of one file together. */
  interchangeMessages: 100_000,
  fileInterchanges: 10_000,
  /** How long one piece of work goes on before the event loop gets its turn, and what a reader gets at once. */
  processTurnMs: 50,
  readSliceBytes: 16 * 1024,
  /** One EDIFACT segment: its bytes, and the values in it, elements and components alike. */
  segmentBytes: 64 * 1024,
  segmentElements: 500,
  /** One EDIFACT message: its segments, the values in them, and its bytes. */
  messageSegments: 1_000_000,
  messageElements: 5_000_000,
  messageBytes: 64 * 1024 * 1024,
  /** A file that is passed through unread: it is held whole while it is delivered. */
  opaqueBytes: 100 * 1024 * 1024,
  /** Segments outside of messages, of one interchange, until it is given up. */
  straySegments: 10_000,
  /** Findings kept of one message; the rest is counted. */
  findingsKept: 200,
  /** Profiles and agreements that are kept with a document as looked at: enough to see why none was taken. */
  candidatesKept: 10,
  /** UN/EDIFACT directories in memory at once, and what is read of the archive of one: its entries, and the bytes of each. */
  directoriesHeld: 16,
  directoryArchiveEntries: 2_000,
  directoryArchiveBytes: 64 * 1024 * 1024,
  /** One bundle: its documents, and their bytes; those that one pass of watch closes, and after how long one is tried again. */
  bundleDocuments: 1_000,
  bundleBytes: 4 * 1024 * 1024,
  bundlesClosed: 100,
  bundleRetryMinutes: 5,
  /** Causes that a list of notices shows. */
  noticesShown: 200,
  /** After so long without another document, what was rejected for want of a way is no notice any more. */
  noticeQuietHours: 24,

  xmlDepth: 64,
  xmlAttributes: 256,
  xmlNameBytes: 256,
  xmlElements: 1_000_000,
  /** Attributes of all elements of one file together. */
  xmlFileAttributes: 1_000_000,
  /** Entity and character references in one file. */
  xmlReferences: 300_000,
  /** Names of elements and attributes that the writer keeps as it found them good. */
  xmlNamesKept: 4_096,
  jsonDepth: 64,
  /** One JSON document: its bytes, and the values in it, items and members alike. */
  jsonDocumentBytes: 16 * 1024 * 1024,
  jsonValues: 500_000,
  jsonTextCharacters: 10_000_000,
  jsonMembers: 10_000,
  jsonNumberCharacters: 1_000,
  jsonExponentDigits: 3,

  /** A MIME entity: bytes of its headers and their number; parts of a multipart, and multiparts in each other. */
  mimeHeaderBytes: 16 * 1024,
  mimeHeaders: 64,
  mimeParts: 20,
  mimeDepth: 5,
  /** A CMS structure: everything but its content, elements in each other, recipients, signers. */
  cmsStructureBytes: 1024 * 1024,
  cmsDepth: 32,
  cmsRecipients: 100,
  cmsSigners: 8,
  /** Content that is kept beside its stream, for what can be judged only when all was read. */
  cmsHeldBytes: 10 * 1024 * 1024,
  /** How many times as large compressed content may become. */
  inflateRatio: 200,
  /** A receipt (MDN), and the message id that it echoes. */
  mdnBytes: 1024 * 1024,
  messageIdCharacters: 900,

  egressConnectMs: 10_000,
  egressIdleMs: 60_000,
  egressResponseBytes: 1024 * 1024,

  /** From connecting to the last byte of the answer, of one HTTP call; an SFTP attempt ends with `attemptSeconds`. */
  egressTotalMs: 60_000,
  /** Idle connections kept open for one channel, and for how long. */
  egressKeepAliveMs: 20_000,
  egressConnectionsPerChannel: 4,
  /** Channels whose connections are kept at once. */
  egressAgents: 500,
  /** How much of a partner's answer is kept as evidence. */
  answerTextBytes: 1024,
  retryAfterSecondsMax: 24 * 3600,

  /** Our SFTP server. Log-in: time, tries per connection, connections of one address that have not logged in. */
  sftpLoginGraceMs: 20_000,
  sftpLoginTries: 3,
  sftpUnauthenticatedPerAddress: 20,
  /** Public keys that a client may ask about in one connection before it signs with one. */
  sftpKeysOffered: 6,
  /** Failed log-ins of one address, and of one user from one address, within the window; then the answer is no without a look. */
  sftpFailuresPerAddress: 15,
  sftpFailuresPerUser: 5,
  /** A refused log-in is answered no sooner than this, whatever the reason. */
  sftpRefusalFloorMs: 400,
  sftpFailureWindowSeconds: 900,
  sftpConnections: 200,
  sftpSessionsPerConnection: 10,
  sftpHandlesPerSession: 64,
  sftpPathBytes: 1024,
  sftpIdleMs: 600_000,
  /** Of one upload: bytes that wait to be read by the hub, and bytes of writes that came ahead of their turn. */
  sftpQueuedBytes: 1024 * 1024,
  sftpReorderBytes: 4 * 1024 * 1024,
  /** Of one connection: written bytes that wait (then its socket is not read), answers and bytes that the client does not read. */
  sftpHeldBytes: 4 * 1024 * 1024,
  sftpAnswersUnread: 64,
  sftpUnreadBytes: 4 * 1024 * 1024,
  sftpRequestsPending: 20_000,
  /** Uploads begun and not yet committed, of one channel over all its connections, and of all. */
  sftpUploadsPerChannel: 64,
  sftpUploadsOpen: 512,
  /** Bytes of outbox files that one channel holds open for reading. */
  sftpDownloadBytesPerChannel: 256 * 1024 * 1024,
  /** Names that a session still answers for after their file was taken. */
  sftpRememberedNames: 10_000,
  /** The same name with the same bytes within this time is the same file. */
  sftpRepeatWindowSeconds: 30 * 24 * 3600,
  mailboxListRows: 10_000,

  /** A partner's SFTP server: files up to this size are read back where only their name and size speak for them. */
  sftpReadBackBytes: 1024 * 1024,
  /** How long we wait for a partner's server to close after we took leave. */
  sftpEndMs: 2_000,

  /** Of one user name, in a quarter of an hour; then its passwords are not looked at until that is over. */
  wrongPasswords: 5,
  wrongPasswordSeconds: 15 * 60,
  /** How long a token that was good is good without asking the database again, and how many are remembered. */
  tokenHeldMs: 10_000,
  tokensHeld: 10_000,
  passwordLength: 1_024,
  /** Password checks that run at once; each holds 46 MiB. */
  passwordChecksAtOnce: 2,
  userNameLength: 200,

  /** How often a process looks which master key is the current one; a rotation waits for all, and wraps so many keys in one commit. */
  masterKeyLookMs: 2_000,
  masterKeyWaitSeconds: 30,
  masterKeyRewrapRows: 500,

  /** What doctor finds wanting: free disk, jobs that nobody takes, clocks apart, rows whose time is over. */
  doctorFreeBytes: 1024 * 1024 * 1024,
  doctorJobMinutes: 10,
  doctorClockMs: 5_000,
  doctorExpiredOnce: 100_000,

  configurationFileBytes: 4 * 1024 * 1024,
  configurationFiles: 10_000,
  configurationProblemsShown: 50,
  secretFileBytes: 64 * 1024,

  /** One mapping: its rules, loops in each other, test cases. */
  mappingRules: 2_000,
  mappingLoops: 8,
  mappingTests: 200,
  /** What the rules of a mapping do to one document: rules applied, and characters of all values they write. */
  mappingSteps: 5_000_000,
  mappingOutputCharacters: 16 * 1024 * 1024,
  codeListRows: 50_000,
  /** A template: its bytes, its parts, its blocks in each other. */
  templateBytes: 64 * 1024,
  templateNodes: 5_000,
  templateDepth: 16,
  expressionCharacters: 4_096,
  /** The sandbox: CPU time of one document, more for each thousand of its lines, and the most; how long past that its thread may be silent. */
  sandboxTimeMs: 500,
  sandboxTimePerThousandLinesMs: 500,
  sandboxTimeMostMs: 10_000,
  sandboxGraceMs: 1_000,
  sandboxSilenceMs: 60_000,
  sandboxMemoryBytes: 64 * 1024 * 1024,
  sandboxStackBytes: 512 * 1024,
  sandboxOutputCharacters: 16 * 1024 * 1024,
  /** Runs until a program is made anew; programs kept ready, and remembered, in one process. */
  sandboxRenders: 1_000,
  sandboxContexts: 16,
  sandboxPrograms: 1_000,
  /** After so many passed limits in a row a mapping is not run for a while. */
  sandboxFaults: 3,
  sandboxPauseMs: 10_000,

  /** The headers of one request together, how many they are, and the longest. */
  httpHeaderBytes: 16 * 1024,
  httpHeaders: 100,
  httpHeaderValueBytes: 8 * 1024,
  httpHeadersMs: 20_000,
  /** How long a stop waits for requests under way. */
  stopMs: 10_000,
  /** Bytes of the log that wait where it cannot be written; what comes then is dropped. */
  logWaitingBytes: 4 * 1024 * 1024,
  /** How long counts for /metrics are kept, and how long each statement for them may take. */
  metricsHeldMs: 5_000,
  metricsTimeoutMs: 5_000,
  pageRows: 50,
  /** The operator's overview: each of its statements, documents whose durations it measures, channels and rows it lists. */
  overviewTimeoutMs: 5_000,
  overviewSample: 2_000,
  overviewChannels: 30,
  overviewRows: 8,

  /** People at the portal: silence and length of a session, tries to sign in per person and address. */
  sessionIdleMinutes: 30,
  sessionHours: 12,
  signInTries: 5,
  signInTriesPerAddress: 50,
  signInMinutes: 15,
  formBytes: 16 * 1024,
  /** What an operator's request to the API carries. */
  apiBodyBytes: 1024 * 1024,
  /** Documents that one replay may be about, those that share a transaction, and for how long a plan may be carried out. */
  replayDocuments: 1_000,
  replayItemsAtOnce: 20,
  replayPlanMinutes: 60,
  /** Why somebody decided, in their words. */
  reasonCharacters: 1_000,
  /** For how long a token of a person may be made. */
  personTokenDays: 365,
  searchCharacters: 200,
  /** Characters and parts of an artefact that a page shows; the whole is a download. */
  paneCharacters: 100_000,
  paneParts: 2_000,
  /** A file up to this size is read again as a whole to show one message of it. */
  paneReadBytes: 8 * 1024 * 1024,
} as const

export type Limits = { readonly [Name in keyof typeof table]: number }

export const limits: Limits = { ...table, ...readLimits(process.env['CROSSDOCK_LIMITS'] ?? '') }

/** Reads `name=value,name=value`; throws an Error that names what is not a limit or not a whole number above 0. */
export function readLimits(text: string): Partial<Record<keyof Limits, number>> {
  const own: Partial<Record<keyof Limits, number>> = {}
  for (const pair of text.split(',').filter((part) => part.trim() !== '')) {
    const [name = '', value = ''] = pair.split('=').map((part) => part.trim())
    if (!Object.hasOwn(table, name)) {
      const meant = nearest(name, Object.keys(table))
      const hint = meant === null ? 'docs/limits.md lists all' : `did you mean ${meant}?`
      throw new Error(`CROSSDOCK_LIMITS: there is no limit ${name}; ${hint}`)
    }
    if (!/^[1-9]\d{0,14}$/.test(value))
      throw new Error(`CROSSDOCK_LIMITS: ${name} is a whole number above 0, not ${value}`)
    own[name as keyof Limits] = Number(value)
  }
  return own
}
