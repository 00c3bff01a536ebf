import type { TestDatabase } from './database.ts'
import { seedDocument, type SeededDocument } from './seed-document.ts'
import { seed, type Seed } from './seed.ts'

/** Documents in every state that the portal has to show, by name. */
export interface PortalSeed extends Seed {
  documents: Record<
    | 'delivered'
    | 'rejected'
    | 'retrying'
    | 'unread'
    | 'held'
    | 'uncertain'
    | 'duplicate'
    | 'mailbox'
    | 'overdue'
    | 'queued'
    | 'strangers',
    SeededDocument
  >
}

export const order345 =
  [
    'UNH+1+ORDERS:D:96A:UN:EAN008',
    'BGM+220+345+9',
    'DTM+137:20261120:102',
    'DTM+2:20261124:102',
    'NAD+BY+3760123450015::9',
    'NAD+SU+8712345000004::9',
    'CUX+2:EUR:9',
    'LIN+1++3760123451012:EN',
    'IMD+F++:::Bi\u00e8re ambr\u00e9e 33 cl',
    'QTY+21:48:PCE',
    'PRI+AAA:12.40',
    'LIN+2++3760123451180:EN',
    'QTY+21:24:PCE',
    'PRI+AAA:9.15',
    'UNS+S',
    'CNT+2:2',
    'UNT+17+1',
  ].join("'") + "'"

/** A whole interchange around one message, UNOC. */
export function interchangeOf(message: string, reference: string): string {
  return `UNB+UNOC:3+3760123450015:14+8712345000004:14+261120:0914+${reference}++ORDERS'${message}UNZ+1+${reference}'`
}

/** The CONTRL that answers `reference`; action 7 accepted, 4 rejected. */
export function contrlOf(reference: string, action: '7' | '4'): string {
  const segments = [
    'UNB+UNOC:3+8712345000004:14+3760123450015:14+261120:0915+C1',
    'UNH+1+CONTRL:D:3:UN',
    `UCI+${reference}+3760123450015:14+8712345000004:14+${action}`,
    ...(action === '4' ? [`UCM+1+ORDERS:D:96A:UN:EAN008+4`, `UCS+4`, 'UCD+12+2:2'] : []),
    `UNT+${action === '4' ? 6 : 3}+1`,
    'UNZ+1+C1',
  ]
  return segments.map((segment) => `${segment}'`).join('')
}

const canonical = {
  type: 'order',
  number: '345',
  date: '2026-11-20',
  currency: 'EUR',
  lines: [{ number: '1', quantity: '48', price: '12.40' }],
}

const ubl =
  '<?xml version="1.0" encoding="UTF-8"?>\n<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2">\n  <ID>345</ID>\n  <IssueDate>2026-11-20</IssueDate>\n</Order>\n'

/** Seeds partners, people and one document for each state. */
export async function seedPortal(database: TestDatabase): Promise<PortalSeed> {
  const base = await seed(database)
  const { lambert, brouwer, kestrel } = base.partners
  const minutes = (ago: number) => new Date(Date.now() - ago * 60_000)
  const order = (number: string) => order345.replace('BGM+220+345+9', `BGM+220+${number}+9`)
  const wrong = order('346').replace('DTM+2:20261124:102', 'DTM+2:20261132:102')
  const insert = (wanted: Parameters<typeof seedDocument>[2]) => seedDocument(database, base, wanted)
  const common = (number: string, reference: string) => ({
    from: lambert,
    to: brouwer,
    number,
    reference,
    fileName: `orders-${reference}.edi`,
    raw: interchangeOf(order(number), reference),
    message: order(number),
    canonical: { ...canonical, number },
    output: ubl.replace('345', number),
  })
  const contrl = (reference: string, action: '7' | '4', delivered: boolean) =>
    ({
      state: action === '7' ? 'accepted' : 'rejected',
      bytes: contrlOf(reference, action),
      delivered,
    }) as const
  const strangers = await insert({
    from: kestrel,
    number: '345',
    reference: '9001',
    processing: 'rejected',
    code: 'CD-2007',
    stoppedAt: 'resolve',
    at: minutes(190),
  })
  const unread = await insert({
    from: lambert,
    type: 'unread',
    wireType: '',
    format: null,
    number: null,
    fileName: 'scan_1120.pdf',
    raw: '%PDF-1.7 not a document',
    processing: 'rejected',
    code: 'CD-2001',
    stoppedAt: 'split',
    at: minutes(180),
  })
  const held = await insert({
    ...common('900', '877'),
    processing: 'held',
    code: 'CD-4001',
    stoppedAt: 'judge',
    at: minutes(170),
  })
  await database.store.worker.query(
    `insert into hold (id, partner_id, batch_id, document_id, rule, code) values ($1, $2, $1, $1, 'lines', 'CD-4001')`,
    [held.id, lambert.id],
  )
  const uncertain = await insert({
    ...common('901', '878'),
    delivery: 'held',
    deliveryCode: 'CD-6002',
    at: minutes(160),
  })
  const duplicate = await insert({ ...common('345', '871'), processing: 'duplicate', at: minutes(150) })
  const mailbox = await insert({
    ...common('J-77/12', ''),
    from: brouwer,
    to: lambert,
    format: 'json',
    wireType: 'order',
    raw: '{"type":"order","number":"J-77/12"}',
    message: '{"type":"order","number":"J-77/12"}',
    fileName: 'order.json',
    env: 'test',
    delivery: 'pending',
    output: interchangeOf(order('J-77/12'), '12'),
    outputType: 'application/edifact',
    at: minutes(140),
  })
  const overdue = await insert({
    ...common('902', '879'),
    delivery: 'delivered',
    acknowledgement: 'waiting',
    acknowledgementDueAt: minutes(30),
    at: minutes(130),
  })
  const retrying = await insert({
    ...common('3450', '880'),
    delivery: 'waiting',
    attempt: 3,
    deliveryCode: 'CD-6001',
    answer: contrl('880', '7', false),
    at: minutes(20),
  })
  const queued = await insert({ ...common('903', '881'), delivery: 'waiting', at: minutes(15) })
  const rejected = await insert({
    ...common('346', '882'),
    raw: interchangeOf(wrong, '882'),
    message: wrong,
    processing: 'rejected',
    code: 'CD-3001',
    stoppedAt: 'check',
    findings: [
      {
        code: 'messageFaulty',
        severity: 'error',
        message: 'the date 20261132 does not exist',
        position: { message: 1, segment: 4, tag: 'DTM', element: 1, component: 2, offset: 208 },
      },
    ],
    answer: contrl('882', '4', true),
    at: minutes(10),
  })
  const delivered = await insert({
    ...common('345', '870'),
    delivery: 'delivered',
    answer: contrl('870', '7', true),
    at: minutes(5),
  })
  return {
    ...base,
    documents: {
      delivered,
      rejected,
      retrying,
      unread,
      held,
      uncertain,
      duplicate,
      mailbox,
      overdue,
      queued,
      strangers,
    },
  }
}
