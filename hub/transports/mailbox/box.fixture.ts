import { createHash } from 'node:crypto'
import type { CodeName } from '#hub/model/codes/index.ts'
import { createLog } from '#hub/base/log.ts'
import { systemClock } from '#hub/base/clock.ts'
import {
  newId,
  type ChannelId,
  type DeliveryId,
  type PartnerId,
  type TransmissionId,
} from '#hub/model/ids.ts'
import type { Proof } from '#hub/model/outcomes.ts'
import type { Channel, ChannelLogins, Incoming, Mailbox, Received } from '#hub/model/transport.ts'
import { makeHostKey } from '#hub/keys/host-key.ts'
import { startSftpServer, type SftpServer, type SftpServerDeps } from './index.ts'

/** A document that was accepted, as the other side of the port saw it. */
export interface Accepted {
  name: string | null
  sizeBytes: number
  sha256: string
  channelId: ChannelId
  evidence: Proof
}

/** A hosted mailbox whose neighbours (receive, log-ins, outbox) are held in memory, so that tests see all they are told. */
export interface Box {
  server: SftpServer
  channel: Channel
  accepted: Accepted[]
  /** Bodies that broke off. */
  broken: number
  /** Bytes of bodies that have begun to come and not ended. */
  underWay(): number
  collected: { deliveryId: DeliveryId; proof: Proof }[]
  verified: { passwords: number; keys: number }
  place(name: string, bytes: Buffer): DeliveryId
  /** While it is there, `receive` waits for it before it says yes. */
  gate: Promise<void> | null
  publicKeys: Buffer[]
  /** What log-ins that were given come to meanwhile. */
  ended: CodeName | null
  close(): Promise<void>
}

export const user = 'retailer'
export const password = 'correct horse'

export async function openBox(
  options: {
    waits?: SftpServerDeps['waits']
    fileBytes?: number
    receive?: SftpServerDeps['receive']
    mailbox?: Mailbox
    channel?: Channel
  } = {},
): Promise<Box> {
  const files = new Map<DeliveryId, { name: string; bytes: Buffer; gone: boolean }>()
  const channel: Channel = options.channel ?? {
    id: newId<ChannelId>(),
    partnerId: newId<PartnerId>(),
    key: 'retailer-mailbox',
    kind: 'mailbox',
    env: 'test',
    peerDedupes: false,
    settings: options.fileBytes === undefined ? {} : { limits: { fileBytes: options.fileBytes } },
  }
  const begun = { bytes: 0 }
  const box: Omit<Box, 'server' | 'close'> = {
    channel,
    accepted: [],
    broken: 0,
    underWay: () => begun.bytes,
    collected: [],
    verified: { passwords: 0, keys: 0 },
    gate: null,
    publicKeys: [],
    ended: null,
    place: (name, bytes) => {
      const id = newId<DeliveryId>()
      files.set(id, { name, bytes, gone: false })
      return id
    },
  }
  const mailbox: Mailbox = {
    list: () =>
      Promise.resolve(
        [...files]
          .filter(([, file]) => !file.gone)
          .map(([deliveryId, { name, bytes }]) => ({
            deliveryId,
            name,
            sizeBytes: bytes.length,
            at: new Date(),
          })),
      ),
    read: (_channelId, deliveryId) => Promise.resolve(files.get(deliveryId)!.bytes),
    collected: (_channelId, deliveryId, proof) => {
      files.get(deliveryId)!.gone = true
      box.collected.push({ deliveryId, proof })
      return Promise.resolve()
    },
  }
  const server = await startSftpServer({
    host: '127.0.0.1',
    port: 0,
    hostKey: makeHostKey(),
    receive: options.receive ?? receiver(box, begun, options.fileBytes ?? 200 * 1024 * 1024),
    logins: logins(box),
    mailbox: options.mailbox ?? mailbox,
    clock: systemClock,
    log: createLog('silent'),
    ...(options.waits === undefined ? { waits: { refusalFloorMs: 20 } } : { waits: options.waits }),
  })
  return Object.assign(box, { server, close: () => server.close() })
}

function receiver(box: Omit<Box, 'server' | 'close'>, begun: { bytes: number }, fileBytes: number) {
  const seen = new Map<string, TransmissionId>()
  return async (incoming: Incoming): Promise<Received> => {
    const hash = createHash('sha256')
    let sizeBytes = 0
    try {
      for await (const piece of incoming.body) {
        hash.update(piece)
        sizeBytes += piece.length
        begun.bytes += piece.length
        if (sizeBytes > fileBytes) return { kind: 'refused', transmissionId: null, code: 'bodyTooLarge' }
      }
    } catch {
      box.broken += 1
      return { kind: 'refused', transmissionId: null, code: 'uploadBroken' }
    }
    if (sizeBytes === 0) return { kind: 'refused', transmissionId: null, code: 'emptyBody' }
    if (box.gate !== null) await box.gate
    const sha256 = hash.digest()
    const key = `${incoming.onceByContent!.scope} ${incoming.onceByContent!.name} ${sha256.toString('hex')}`
    const facts = { sha256, sizeBytes, answer: null }
    const first = seen.get(key)
    if (first !== undefined) return { kind: 'duplicate', transmissionId: first, ...facts }
    const transmissionId = newId<TransmissionId>()
    seen.set(key, transmissionId)
    box.accepted.push({
      name: incoming.name,
      sizeBytes,
      sha256: sha256.toString('hex'),
      channelId: incoming.channel.id,
      evidence: incoming.evidence,
    })
    return { kind: 'accepted', transmissionId, ...facts }
  }
}

function logins(box: Omit<Box, 'server' | 'close'>): ChannelLogins {
  return {
    byPassword: (_kind, username, given) => {
      box.verified.passwords += 1
      return Promise.resolve(username === user && given === password ? box.channel : null)
    },
    byPublicKey: (_kind, username, key) => {
      box.verified.keys += 1
      const known = username === user && box.publicKeys.some((one) => one.equals(key))
      return Promise.resolve(known ? box.channel : null)
    },
    byToken: () => Promise.resolve(null),
    stillAllowed: () => Promise.resolve(box.ended),
  }
}
