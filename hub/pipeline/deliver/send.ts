import { createHash } from 'node:crypto'
import { faultPoint } from '#hub/base/fault.ts'
import { limits } from '#hub/base/limits.ts'
import type { Log } from '#hub/base/log.ts'
import type { Sealer } from '#hub/keys/sealing.ts'
import type { Agreements } from '#hub/model/agreement.ts'
import { HubError } from '#hub/model/errors.ts'
import type { ChannelId, PayloadId } from '#hub/model/ids.ts'
import type { AttemptOutcome } from '#hub/model/outcomes.ts'
import {
  dropsRepeats,
  type Channel,
  type ChannelKind,
  type OutboundDelivery,
  type Transport,
} from '#hub/model/transport.ts'
import type { Store } from '#hub/store/connect.ts'
import type { ClaimedAttempt } from '#hub/store/deliver.ts'

export interface SendDeps {
  store: Store
  sealer: Sealer
  agreements: Pick<Agreements, 'channel'>
  transports: Readonly<Partial<Record<ChannelKind, Transport>>>
  /** An opened secret of a channel by name, or null. */
  secrets: (channelId: ChannelId, name: string) => Promise<Buffer | null>
  log: Log
}

export interface Sent {
  outcome: AttemptOutcome
  peerDedupes: boolean
}

export interface SendTerms {
  /** Aborted when the hub stops. */
  closing: AbortSignal
  /** Whether the attempt is still this process's; asked just before the transport is called. */
  stillOurs: () => Promise<boolean>
  /** The plain bytes of a payload; throws HubError `payloadDamaged`. */
  read: (id: PayloadId) => Promise<Buffer>
}

/**
 * One attempt of a claimed delivery, outside any transaction. It always ends in an outcome: what fails before the transport is called
 * was not taken; what the transport throws, and what does not end in its time, is unknown.
 * Null where the attempt was taken away meanwhile, and nothing was sent.
 */
export async function send(deps: SendDeps, attempt: ClaimedAttempt, terms: SendTerms): Promise<Sent | null> {
  const prepared = await prepare(deps, attempt, terms)
  if (prepared.kind === 'not_taken') return { outcome: prepared, peerDedupes: false }
  const { delivery, transport } = prepared
  if (!(await terms.stillOurs())) return null
  const outcome = await attemptWithin(deps.log, transport, delivery, terms.closing)
  return { outcome, peerDedupes: dropsRepeats(delivery.channel) }
}

type Prepared =
  | { kind: 'prepared'; delivery: OutboundDelivery; transport: Transport }
  | Extract<AttemptOutcome, { kind: 'not_taken' }>

async function prepare(deps: SendDeps, attempt: ClaimedAttempt, terms: SendTerms): Promise<Prepared> {
  try {
    const channel = await deps.agreements.channel(attempt.channelId)
    const transport = channel === null ? undefined : deps.transports[channel.kind]
    if (channel === null || transport === undefined) {
      return { kind: 'not_taken', code: 'channelUnusable', retry: 'hold' }
    }
    return {
      kind: 'prepared',
      delivery: outbound(deps, attempt, { channel, bytes: await terms.read(attempt.payloadId) }),
      transport,
    }
  } catch (error) {
    deps.log.error({ err: error, deliveryId: attempt.id, step: 'send' }, 'delivery could not be prepared')
    return error instanceof HubError && error.code === 'payloadDamaged'
      ? { kind: 'not_taken', code: 'payloadDamaged', retry: 'hold' }
      : { kind: 'not_taken', code: 'databaseAway', retry: 'later' }
  }
}

// the bytes are read before the transport is called: what cannot be read is known not to have been sent
function outbound(
  deps: SendDeps,
  attempt: ClaimedAttempt,
  { channel, bytes }: { channel: Channel; bytes: Buffer },
): OutboundDelivery {
  return {
    id: attempt.id,
    channel,
    transmissionId: attempt.transmissionId,
    attempt: attempt.attempt,
    wireId: attempt.wireId,
    mediaType: attempt.mediaType,
    ...(attempt.name !== null && { name: attempt.name }),
    sizeBytes: bytes.length,
    // what is read was held against the hash of its row
    sha256: createHash('sha256').update(bytes).digest(),
    bytes: async () => bytes,
    secret: (name) => deps.secrets(attempt.channelId, name),
  }
}

async function attemptWithin(
  log: Log,
  transport: Transport,
  delivery: OutboundDelivery,
  closing: AbortSignal,
): Promise<AttemptOutcome> {
  const late = lateOutcome()
  // signals that are made of others cost more than all the rest of an attempt
  const own = new AbortController()
  const stop = (): void => {
    own.abort()
    late.start()
  }
  const timer = setTimeout(stop, limits.attemptSeconds * 1000).unref()
  closing.addEventListener('abort', stop, { once: true })
  try {
    await faultPoint('deliver:send')
    if (closing.aborted) stop()
    const outcome = await Promise.race([transport.attempt(delivery, own.signal), late.outcome])
    await faultPoint('deliver:sent')
    return outcome
  } catch (error) {
    log.error({ err: error, deliveryId: delivery.id, step: 'send' }, 'attempt failed with a fault of our own')
    return { kind: 'unknown', code: 'attemptFailed' }
  } finally {
    clearTimeout(timer)
    closing.removeEventListener('abort', stop)
    late.stop()
  }
}

/** A transport that does not end when it is told to is not waited for much longer. */
function lateOutcome() {
  let timer: NodeJS.Timeout | undefined
  const { promise, resolve } = Promise.withResolvers<AttemptOutcome>()
  return {
    outcome: promise,
    start: () => {
      timer ??= setTimeout(
        () => resolve({ kind: 'unknown', code: 'answerLost' }),
        limits.attemptGraceSeconds * 1000,
      )
    },
    stop: () => clearTimeout(timer),
  }
}
