import { createHash } from 'node:crypto'
import type { NewEntry } from '#hub/model/entries.ts'
import type { Finding } from '#hub/model/findings.ts'
import {
  derivedId,
  newId,
  type AgreementId,
  type DeliveryId,
  type DocumentId,
  type InterchangeId,
  type PartnerId,
  type PayloadId,
  type TransmissionId,
} from '#hub/model/ids.ts'
import type { Client } from '#hub/store/connect.ts'
import { insertPayloads, type NewPayload } from '#hub/store/payload.ts'
import { inTransaction } from '#hub/store/transaction.ts'
import type { TestDatabase } from './database.ts'
import type { Seed, SeedPartner } from './seed.ts'

/** What one document is like; everything else has a sensible value. */
export interface SeedDocument {
  from: SeedPartner
  to?: SeedPartner
  number?: string | null
  type?: string
  wireType?: string
  format?: string | null
  env?: 'test' | 'live'
  fileName?: string
  reference?: string
  raw?: string
  /** The message within the raw bytes; the whole file by default. */
  message?: string
  canonical?: object
  output?: string
  outputType?: string
  findings?: Finding[]
  processing?: 'waiting' | 'processed' | 'held' | 'rejected' | 'duplicate'
  stoppedAt?: string
  code?: string
  delivery?: 'none' | 'waiting' | 'sending' | 'pending' | 'delivered' | 'refused' | 'held' | 'stopped'
  attempt?: number
  deliveryCode?: string
  acknowledgement?: 'none' | 'waiting' | 'accepted' | 'with_errors' | 'partial' | 'rejected'
  acknowledgementDueAt?: Date
  /** The CONTRL we owe the sender, with its bytes. */
  answer?: { state: 'accepted' | 'rejected' | 'partial'; bytes: string; delivered: boolean }
  at?: Date
}

export interface SeededDocument {
  id: DocumentId
  transmissionId: TransmissionId
  deliveryId: DeliveryId | null
}

/** Inserts a document with its transmission, interchange, payloads, output, delivery, answer and entries. */
export async function seedDocument(
  database: TestDatabase,
  seeded: Seed,
  wanted: SeedDocument,
): Promise<SeededDocument> {
  return inTransaction(database.store.worker, 'seed', (client) => new Seeder(client, seeded, wanted).insert())
}

class Seeder {
  readonly client: Client
  readonly seeded: Seed
  readonly wanted: SeedDocument
  readonly at: Date
  readonly transmissionId: TransmissionId
  readonly interchangeId: InterchangeId
  readonly id: DocumentId
  readonly payloads: NewPayload[] = []
  readonly entries: (NewEntry & { afterMs: number })[] = []

  constructor(client: Client, seeded: Seed, wanted: SeedDocument) {
    this.client = client
    this.seeded = seeded
    this.wanted = wanted
    this.at = wanted.at ?? new Date()
    this.transmissionId = newId<TransmissionId>(this.at.getTime())
    this.interchangeId = derivedId(this.transmissionId, 'interchange', 1)
    this.id = derivedId(this.transmissionId, 'document', 1, 1)
  }

  async insert(): Promise<SeededDocument> {
    await this.received()
    await this.document()
    const deliveryId = await this.output()
    await this.answer()
    await insertPayloads(this.client, this.seeded.sealer, this.payloads)
    await this.writeEntries()
    return { id: this.id, transmissionId: this.transmissionId, deliveryId }
  }

  async received(): Promise<void> {
    const { from, raw = 'raw', fileName, reference = '', env = 'live' } = this.wanted
    const rawId = this.payload('raw', from.id, raw)
    await this.client.query(
      `insert into transmission (id, partner_id, channel_id, direction, kind, state, name, raw_id, at)
       values ($1, $2, $3, 'in', 'file', 'accepted', $4, $5, $6)`,
      [this.transmissionId, from.id, from.channelId, fileName ?? null, rawId, this.at],
    )
    await this.client.query(
      `insert into interchange (id, partner_id, direction, transmission_id, reference, env, documents, state)
       values ($1, $2, 'in', $3, $4, $5, 1, $6)`,
      [
        this.interchangeId,
        from.id,
        this.transmissionId,
        reference,
        env,
        this.isRejected() ? 'rejected' : 'accepted',
      ],
    )
    this.entry(
      {
        type: 'transmission.accepted',
        body: { sha256: sha256(raw), sizeBytes: raw.length, channel: from.channelKind, kind: 'file' },
        partnerId: from.id,
        transmissionId: this.transmissionId,
        actor: 'hub',
      },
      0,
    )
  }

  async document(): Promise<void> {
    const { from, to, raw = 'raw', message, canonical, findings } = this.wanted
    const {
      number = null,
      type = 'order',
      wireType = 'ORDERS',
      format = 'edifact',
      env = 'live',
    } = this.wanted
    const processing = this.wanted.processing ?? 'processed'
    const offset = message === undefined ? 0 : raw.indexOf(message)
    const waits = processing === 'waiting' || processing === 'held'
    await this.client.query(
      `insert into document (id, transmission_id, interchange_id, sender, receiver, env, format, type, wire_type, number, lines,
         processing, resume_at, stopped_at, code, raw_offset, raw_length, canonical_id, findings_id, delivery, acknowledgement, at)
       values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,3,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21)`,
      [
        this.id,
        this.transmissionId,
        this.interchangeId,
        from.id,
        to?.id ?? null,
        env,
        format,
        type,
        wireType,
        number,
        processing,
        waits ? (this.wanted.stoppedAt ?? 'judge') : null,
        this.wanted.stoppedAt ?? null,
        this.wanted.code ?? null,
        offset,
        (message ?? raw).length,
        canonical === undefined ? null : this.payload('canonical', from.id, JSON.stringify(canonical)),
        findings === undefined ? null : this.payload('findings', from.id, JSON.stringify(findings)),
        this.wanted.delivery ?? 'none',
        this.wanted.acknowledgement ?? 'none',
        this.at,
      ],
    )
    this.processEntry(processing)
  }

  processEntry(processing: string): void {
    const {
      from,
      type = 'order',
      number = null,
      code = 'CD-3001',
      stoppedAt = 'check',
      findings,
    } = this.wanted
    const facts = {
      type,
      number,
      findings: findings?.length ?? 0,
      stepsMs: { split: 1, check: 3, map: 2, write: 1 },
    }
    const about = {
      partnerId: from.id,
      transmissionId: this.transmissionId,
      documentId: this.id,
      actor: 'hub',
    }
    if (processing === 'processed')
      this.entry({ type: 'document.processed', body: { ...facts, outputs: 1 }, ...about }, 120)
    if (processing === 'rejected')
      this.entry({ type: 'document.rejected', body: { ...facts, code, step: stoppedAt }, ...about }, 120)
    if (processing === 'held')
      this.entry(
        { type: 'document.held', body: { ...facts, code, rule: 'lines', step: stoppedAt }, ...about },
        120,
      )
    if (processing === 'duplicate')
      this.entry({ type: 'document.duplicate', body: { ...facts, of: this.id }, ...about }, 120)
  }

  async output(): Promise<DeliveryId | null> {
    const { from, to, delivery = 'none', output = '<Order/>', outputType = 'application/xml' } = this.wanted
    if (to === undefined || delivery === 'none') return null
    const interchangeId: InterchangeId = derivedId(this.id, 'agreement', 0, 'interchange')
    const id: DeliveryId = derivedId(interchangeId, 'delivery')
    await this.client.query(
      `insert into interchange (id, partner_id, direction, reference, env, documents, state) values ($1, $2, 'out', '', 'live', 1, 'accepted')`,
      [interchangeId, to.id],
    )
    await this.client.query(
      `insert into output (document_id, agreement_id, partner_id, interchange_id) values ($1, $2, $3, $4)`,
      [this.id, newId<AgreementId>(), to.id, interchangeId],
    )
    const attempt = this.wanted.attempt ?? (delivery === 'waiting' ? 0 : 1)
    await this.delivery({
      id,
      partner: to,
      interchangeId,
      payloadId: this.payload('output', to.id, output, outputType),
      state: delivery,
      attempt,
    })
    const { acknowledgement = 'none' } = this.wanted
    if (acknowledgement !== 'none') {
      await this.client.query(
        `insert into acknowledgement (about_id, level, way, partner_id, due_at, state, evidence_id) values ($1, 'syntax', 'expected', $2, $3, $4, $5)`,
        [
          interchangeId,
          to.id,
          this.wanted.acknowledgementDueAt ?? null,
          acknowledgement,
          acknowledgement === 'waiting' ? null : this.transmissionId,
        ],
      )
    }
    const own = { partnerId: to.id, documentId: this.id, deliveryId: id, actor: 'hub' }
    this.entry(
      {
        type: 'output.queued',
        body: {
          channel: to.channelKind,
          format: 'xml',
          wireId: `wire-${id.slice(-8)}`,
          sha256: sha256(output),
          sizeBytes: output.length,
          copy: 0,
        },
        ...own,
      },
      125,
    )
    if (attempt > 0)
      this.entry(
        { type: 'delivery.attempted', body: { attempt, channel: to.channelKind }, ...own, documentId: null },
        300,
      )
    this.settledEntry(delivery, attempt, own)
    if (delivery === 'delivered') {
      this.entry(
        {
          type: 'document.delivered',
          body: { receiver: to.id },
          partnerId: from.id,
          documentId: this.id,
          actor: 'hub',
        },
        901,
      )
    }
    return id
  }

  settledEntry(
    state: string,
    attempt: number,
    own: { partnerId: string; deliveryId: string; actor: string },
  ): void {
    const about = { partnerId: own.partnerId, deliveryId: own.deliveryId, actor: own.actor }
    const code = this.wanted.deliveryCode ?? 'CD-6001'
    const later = new Date(this.at.getTime() + 3_600_000).toISOString()
    if (state === 'delivered')
      this.entry({ type: 'delivery.delivered', body: { attempt, late: false }, ...about }, 900)
    if (state === 'pending')
      this.entry({ type: 'delivery.pending', body: { attempt, dueAt: later }, ...about }, 900)
    if (state === 'waiting' && attempt > 0)
      this.entry({ type: 'delivery.retrying', body: { attempt, code, nextAt: later }, ...about }, 900)
    if (state === 'refused') this.entry({ type: 'delivery.refused', body: { attempt, code }, ...about }, 900)
    if (state === 'held') this.entry({ type: 'delivery.held', body: { attempt, code }, ...about }, 900)
  }

  async answer(): Promise<void> {
    const { answer, from } = this.wanted
    if (answer === undefined) return
    const interchangeId: InterchangeId = derivedId(this.interchangeId, 'answer')
    const id: DeliveryId = derivedId(interchangeId, 'delivery')
    const payloadId = this.payload('answer', from.id, answer.bytes, 'application/edifact')
    await this.delivery({
      id,
      partner: from,
      interchangeId,
      payloadId,
      state: answer.delivered ? 'delivered' : 'pending',
      attempt: 1,
    })
    await this.client.query(
      `insert into acknowledgement (about_id, level, way, partner_id, delivery_id, state) values ($1, 'syntax', 'owed', $2, $3, $4)`,
      [this.interchangeId, from.id, id, answer.state],
    )
    const about = { partnerId: from.id, transmissionId: this.transmissionId, deliveryId: id, actor: 'hub' }
    this.entry(
      {
        type: 'acknowledgement.owed',
        body: { level: 'syntax', state: answer.state, wireId: `CONTRL-${id.slice(-6)}.edi` },
        ...about,
      },
      130,
    )
    if (answer.delivered)
      this.entry({ type: 'delivery.delivered', body: { attempt: 1, late: false }, ...about }, 4000)
  }

  async delivery(row: {
    id: DeliveryId
    partner: SeedPartner
    interchangeId: InterchangeId
    payloadId: PayloadId
    state: string
    attempt: number
  }): Promise<void> {
    const later = new Date(this.at.getTime() + 3_600_000)
    await this.client.query(
      `insert into delivery (id, partner_id, channel_id, interchange_id, payload_id, wire_id, state, attempt, code, next_at, due_at, lease_until)
       values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)`,
      [
        row.id,
        row.partner.id,
        row.partner.channelId,
        row.interchangeId,
        row.payloadId,
        `wire-${row.id.slice(-8)}`,
        row.state,
        row.attempt,
        this.wanted.deliveryCode ?? null,
        row.state === 'waiting' ? later : null,
        row.state === 'pending' ? later : null,
        row.state === 'sending' ? later : null,
      ],
    )
  }

  payload(
    name: string,
    partnerId: PartnerId,
    text: string,
    mediaType = 'application/octet-stream',
  ): PayloadId {
    const id: PayloadId = derivedId(this.id, name)
    this.payloads.push({ id, partnerId, mediaType, bytes: Buffer.from(text, 'latin1') })
    return id
  }

  entry(entry: NewEntry, afterMs: number): void {
    this.entries.push({ ...entry, afterMs })
  }

  /** Each at its own time after the arrival, as the pipeline's would be. */
  async writeEntries(): Promise<void> {
    for (const { afterMs, ...entry } of this.entries) {
      await this.client.query(
        `insert into entry (id, partner_id, type, transmission_id, document_id, delivery_id, actor, at, body)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
          newId(this.at.getTime() + afterMs),
          entry.partnerId,
          entry.type,
          entry.transmissionId ?? null,
          entry.documentId ?? null,
          entry.deliveryId ?? null,
          entry.actor,
          new Date(this.at.getTime() + afterMs),
          Buffer.from(JSON.stringify(entry.body)),
        ],
      )
    }
  }

  isRejected(): boolean {
    return this.wanted.processing === 'rejected'
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
