/**
 * Master keys as the database knows them: by their ids, never by themselves. One of them is current, which all processes
 * of the hub wrap with; earlier ones still open what they wrapped.
 */
export const masterKeyStates = ['announced', 'current', 'earlier', 'retired'] as const
export type MasterKeyState = (typeof masterKeyStates)[number]

export interface MasterKeyRow {
  /** Eight hexadecimal digits: the ones that stand in each wrapped key. */
  id: string
  state: MasterKeyState
  at: Date
}

/** A running process that seals and opens: which master keys it has, and which of them it wraps with. */
export interface KeyHolder {
  id: string
  /** For people: machine and process number. */
  name: string
  knows: readonly string[]
  wrapsWith: string
}

/** How many data keys of one table a master key has wrapped. */
export interface KeyUse {
  table: string
  keyId: string
  count: number
}

export interface RewrappedBatch {
  changed: number
  /** What `rewrap` could not open, and is left as it is. */
  skipped: number
  /** Where to go on, or null at the end of the table. */
  after: string[] | null
}

/** The database's part in keeping master keys; hub/store implements it. */
export interface MasterKeyRegister {
  keys(): Promise<MasterKeyRow[]>
  /** The first and the last wrapped key of each table: to learn which master keys a database needs. */
  samples(): Promise<Buffer[]>
  /** How many data keys each master key has wrapped, in every table there is; reads them whole. */
  uses(): Promise<KeyUse[]>
  /** Makes a key the current one of a database that has none yet; one that has keeps it. */
  adopt(id: string): Promise<void>
  announce(id: string): Promise<void>
  /** From here on every process wraps with this key; the one before is an earlier one. Written into the ledger. */
  makeCurrent(id: string, actor: string): Promise<void>
  retire(id: string, actor: string): Promise<void>
  /** Says that a process runs and what it holds; returns the keys. */
  beat(holder: KeyHolder): Promise<MasterKeyRow[]>
  leave(holderId: string): Promise<void>
  /** Processes that were heard of within so many seconds. */
  holders(withinSeconds: number): Promise<KeyHolder[]>
  /** Tables with wrapped keys, as the catalog has them. */
  tables(): Promise<string[]>
  /**
   * Wraps the next rows of a table anew where their master key is another than `to`: one transaction. A row that changed
   * meanwhile is left.
   */
  rewrapBatch(
    table: string,
    batch: { to: string; after: string[]; rows: number; rewrap(wrapped: Buffer): Buffer | null },
  ): Promise<RewrappedBatch>
  /** Runs `work` unless another process does so at this moment: then null. */
  alone<Result>(work: () => Promise<Result>): Promise<Result | null>
}
