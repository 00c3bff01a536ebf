import type { ChannelId, DeliveryId, TransmissionId } from './ids.ts'

/**
 * The job queue as the pipeline sees it. A job carries ids only, those of one transaction together, and is put in the transaction of
 * the rows it is about: `client` is that transaction's.
 */
export interface JobQueue {
  /** Asks for `process(transmissionId)`: do all that waits in it. */
  process(client: JobClient, transmissionIds: readonly TransmissionId[]): Promise<void>
  /** The same for files with a long message, which are not to keep the others waiting. */
  processLarge(client: JobClient, transmissionIds: readonly TransmissionId[]): Promise<void>
  /** Asks for one attempt of each delivery, not before `startAfter`. */
  deliver(client: JobClient, jobs: readonly DeliverJob[]): Promise<void>
}

export interface DeliverJob {
  deliveryId: DeliveryId
  channelId: ChannelId
  startAfter?: Date
}

export interface JobClient {
  query(statement: Statement): Promise<{ rows: unknown[] }>
}

/** One with a name is prepared once per connection. */
export interface Statement {
  name?: string
  text: string
  values?: unknown[]
}
