import { createHash, randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { PgBoss } from 'pg-boss'
import { systemClock } from '#hub/base/clock.ts'
import { createLog } from '#hub/base/log.ts'
import { openSealer, type Sealer } from '#hub/keys/sealing.ts'
import type { Agreements, AgreementTerms, Profile, ResolvedAgreement } from '#hub/model/agreement.ts'
import type { Finding } from '#hub/model/findings.ts'
import {
  derivedId,
  newId,
  type AgreementId,
  type ChannelId,
  type PartnerId,
  type PayloadId,
  type ProfileId,
  type TransmissionId,
} from '#hub/model/ids.ts'
import type { Mappings } from '#hub/model/mapping.ts'
import type { JobQueue } from '#hub/model/queue.ts'
import { libraryMappings } from '#mappings/engine/index.ts'
import type { Channel } from '#hub/model/transport.ts'
import { createProcess, type Process } from '#hub/pipeline/process/index.ts'
import { jobQueue } from '#hub/queue/boss.ts'
import { appendEntries } from '#hub/store/entry.ts'
import { insertPayloads } from '#hub/store/payload.ts'
import { testDatabase, type TestDatabase } from './database.ts'
import { toyFormat } from './toy-format.ts'

/** An invented buyer and seller; GLNs have right check digits. */
export const buyerGln = '4012345000009'
export const sellerGln = '4098765000010'

export interface Processing {
  database: TestDatabase
  sealer: Sealer
  process: Process['process']
  queue: JobQueue
  partners: ToyPartners
  /** Lets the n-th transaction that queues deliveries from now fail, as if the hub had ended in it. */
  failAt(nth: number): void
  /** Puts a file where `receive` would: payload and transmission, accepted from the buyer (or the seller). */
  accept(text: string | Buffer, from?: 'buyer' | 'seller'): Promise<TransmissionId>
  /** Rows of one table, as the database's owner. */
  rows(query: string, values?: unknown[]): Promise<Record<string, unknown>[]>
  close(): Promise<void>
}

/** What a test may change while it runs. */
export interface ToyPartners {
  buyer: Channel
  seller: Channel
  senderTerms: Profile['terms']
  receiverTerms: Profile['terms']
  terms: AgreementTerms
  /** Whether an agreement joins them. */
  agreed: boolean
  /** Whether there is a second agreement, of which nothing can be written. */
  copied: boolean
}

/** The real `process` with the toy format, mapping and agreements, on a database of the test file's own. */
export async function startProcessing(): Promise<Processing> {
  const database = await testDatabase()
  const sealer = await openSealer({ masterKey: randomBytes(32).toString('base64'), dataFolder: tmpdir() })
  const boss = new PgBoss({
    connectionString: database.url,
    options: '-c role=crossdock_worker',
    supervise: false,
    schedule: false,
    max: 2,
    createSchema: false,
  })
  await boss.start()
  const partners = toyPartners()
  const queue = jobQueue(boss)
  let until: number | null = null
  const { process } = createProcess({
    store: database.store,
    sealer,
    queue: {
      ...queue,
      deliver: async (client, jobs) => {
        if (until !== null && --until === 0) throw new Error('the transaction fails on purpose')
        await queue.deliver(client, jobs)
      },
    },
    agreements: toyAgreements(partners),
    mappings: toyMappings,
    formats: { edifact: toyFormat, xml: toyFormat, json: toyFormat, opaque: toyFormat },
    detectFormat: (head) => (toyFormat.detect(head) ? 'edifact' : null),
    clock: systemClock,
    log: createLog(globalThis.process.env['CROSSDOCK_TEST_LOG'] ?? 'silent'),
  })
  return {
    database,
    sealer,
    process,
    queue,
    partners,
    failAt: (nth) => {
      until = nth
    },
    accept: (text, from = 'buyer') => accept({ database, sealer }, text, partners[from]),
    rows: async (query, values = []) => (await database.admin.query(query, values)).rows,
    close: async () => {
      await boss.stop({ graceful: false })
      await database.drop()
    },
  }
}

async function accept(
  { database, sealer }: Pick<Processing, 'database' | 'sealer'>,
  text: string | Buffer,
  channel: Channel,
): Promise<TransmissionId> {
  const id = newId<TransmissionId>()
  const rawId = derivedId<PayloadId>(id, 'raw')
  const bytes = Buffer.isBuffer(text) ? text : Buffer.from(text)
  const { partnerId } = channel
  await insertPayloads(database.store.worker, sealer, [
    { id: rawId, partnerId, mediaType: 'text/plain', bytes },
  ])
  await database.store.worker.query(
    `insert into transmission (id, partner_id, channel_id, direction, kind, state, raw_id)
     values ($1, $2, $3, 'in', 'file', 'accepted', $4)`,
    [id, partnerId, channel.id, rawId],
  )
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  await appendEntries(database.store.worker, [
    {
      type: 'transmission.accepted',
      body: { sha256, sizeBytes: bytes.length, channel: channel.key, kind: 'file' },
      partnerId,
      transmissionId: id,
      actor: `channel:${channel.key}`,
    },
  ])
  return id
}

function toyPartners(): ToyPartners {
  const channel = (key: string, kind: Channel['kind']): Channel => ({
    id: newId<ChannelId>(),
    partnerId: newId<PartnerId>(),
    key,
    kind,
    env: 'test',
    peerDedupes: false,
    settings: {},
  })
  return {
    buyer: channel('buyer-box', 'mailbox'),
    seller: channel('seller-box', 'sftp'),
    senderTerms: { format: 'edifact', mapping: 'toy', channel: 'buyer-box' },
    receiverTerms: { format: 'edifact', mapping: 'toy', channel: 'seller-box' },
    terms: {},
    agreed: true,
    copied: false,
  }
}

function toyAgreements(partners: ToyPartners): Agreements {
  const ids = {
    sender: newId<ProfileId>(),
    receiver: newId<ProfileId>(),
    agreement: newId<AgreementId>(),
    copy: newId<AgreementId>(),
  }
  const profile = (direction: Profile['direction']): Profile => ({
    id: direction === 'sends' ? ids.sender : ids.receiver,
    partnerId: (direction === 'sends' ? partners.buyer : partners.seller).partnerId,
    direction,
    env: 'test',
    type: 'order',
    guide: '*',
    version: 1,
    terms: direction === 'sends' ? partners.senderTerms : partners.receiverTerms,
  })
  const agreement = (): ResolvedAgreement => ({
    id: ids.agreement,
    key: 'toy-orders',
    version: 1,
    sender: profile('sends'),
    receiver: profile('receives'),
    terms: partners.terms,
    wireSender: { scheme: 'gln', value: buyerGln },
    wireReceiver: { scheme: 'gln', value: sellerGln },
    channel: partners.seller,
  })
  const copy = (): ResolvedAgreement => {
    const { receiver, ...first } = agreement()
    const terms = { ...receiver.terms, mapping: 'unwritable' }
    return { ...first, id: ids.copy, key: 'toy-copies', receiver: { ...receiver, terms } }
  }
  return {
    resolve: async ({ channel, sender, type }) => {
      const senderPartnerId = channel.partnerId
      const from = channel.id === partners.buyer.id ? buyerGln : sellerGln
      const nobody = {
        kind: 'unresolved' as const,
        senderPartnerId,
        receiverPartnerId: null,
        candidates: [],
      }
      if (sender?.value !== from) return { ...nobody, code: 'senderUnknown', profile: null }
      if (type !== 'order') return { ...nobody, code: 'profileMissing', profile: null }
      if (!partners.agreed) return { ...nobody, code: 'agreementMissing', profile: profile('sends') }
      return {
        kind: 'resolved',
        senderPartnerId,
        senderIdentityId: null,
        receiverPartnerId: partners.seller.partnerId,
        receiverIdentityId: null,
        env: 'test',
        profile: profile('sends'),
        agreements: partners.copied ? [agreement(), copy()] : [agreement()],
        candidates: [],
      }
    },
    answerWay: async () => partners.buyer,
    channel: async (id) => [partners.buyer, partners.seller].find((channel) => channel.id === id) ?? null,
  }
}

const toyMappings: Mappings = {
  typeOf: (_format, wireType) => (wireType === 'ORDERS' || wireType === 'FAULTY' ? 'order' : null),
  has: () => true,
  names: () => [],
  formatOf: () => 'edifact',
  versionOf: () => '1',
  placeOf: () => null,
  condition: libraryMappings.condition,
  toCanonical: (_mapping, message) => {
    const [number = '', quantity = ''] = String(message.tree).split('|')
    if (quantity === 'boom') throw new Error('the toy mapping crashes on purpose')
    const findings = number === 'remarkable' ? [toyNote('read')] : []
    return { canonical: toyOrder(number, quantity), findings }
  },
  fromCanonical: (mapping, canonical, { write }) => {
    const order = canonical as unknown as ReturnType<typeof toyOrder>
    const quantity = order.orderLine[0]!.lineItem.quantity.value
    return {
      format: 'edifact',
      wireType: 'ORDERS',
      version: '1',
      guide: '',
      tree: quantity === '666' || mapping === 'unwritable' ? 'unwritable' : `${order.id}|${quantity}`,
      findings: write?.syntax === 'UNOA:1' ? [toyNote('written')] : [],
    }
  },
}

function toyNote(message: string): Finding {
  return { code: 'notCarried', severity: 'note', message, position: {} }
}

/** A quantity may have the message function behind it: `2/change`. */
function toyOrder(number: string, quantityAndFunction: string) {
  const [quantity = '', does = 'original'] = quantityAndFunction.split('/')
  const party = (id: string) => ({ party: { partyIdentification: [{ id, schemeId: '0088' }] } })
  return {
    type: 'order' as const,
    version: '1',
    id: number,
    issueDate: '2026-11-21',
    function: does as 'original',
    buyerCustomerParty: party(buyerGln),
    sellerSupplierParty: party(sellerGln),
    orderLine: [{ lineItem: { id: '1', quantity: { value: quantity }, item: { name: 'Pallet' } } }],
  }
}
