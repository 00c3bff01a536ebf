import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/**
 * The generator: orders of the demo's retailer, each with a serial number of its own in its content, by which it is told
 * wherever it turns up. What it made is the log G: nothing about it comes from the hub.
 */
export interface Order {
  kind: OrderKind
  serial: string
  /** File name, and Idempotency-Key where it is posted. */
  name: string
  bytes: Buffer
  sha256: string
}

export const orderKinds = ['edifact', 'xml', 'json'] as const
export type OrderKind = (typeof orderKinds)[number]

const samples = {
  edifact: { file: 'order-345.edi', charset: 'latin1', number: '345', ending: 'edi' },
  xml: { file: 'order-346.xml', charset: 'utf8', number: '346', ending: 'xml' },
  json: { file: 'order-347.json', charset: 'utf8', number: '347', ending: 'json' },
} as const

const texts = new Map(
  orderKinds.map((kind) => {
    const url = new URL(`../../hub/cli/demo/samples/${samples[kind].file}`, import.meta.url)
    return [kind, readFileSync(url, 'utf8')]
  }),
)

/** Makes an order; `serial` is a number of five digits or more, used once. */
export function makeOrder(kind: OrderKind, serial: number): Order {
  const { charset, number, ending } = samples[kind]
  const said = String(serial)
  const text = texts
    .get(kind)!
    .replace(`BGM+220+${number}+`, `BGM+220+${said}+`)
    .replaceAll(`MV000${number}`, `MV${said}`)
    .replace(`<cbc:ID>${number}<`, `<cbc:ID>${said}<`)
    .replace(`"id": "${number}"`, `"id": "${said}"`)
  const bytes = Buffer.from(text, charset)
  return { kind, serial: said, name: `order-${said}.${ending}`, bytes, sha256: sha256Of(bytes) }
}

/** The serial that bytes tell, whatever format they are in now; null where they are an answer or something else. */
export function serialIn(bytes: Buffer): string | null {
  const text = bytes.toString('latin1')
  if (text.includes('UCI+')) return null
  return /BGM\+220\+(\d{5,})|<cbc:ID>(\d{5,})<|"id":\s*"(\d{5,})"/.exec(text)?.slice(1).find(Boolean) ?? null
}

export function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The same order in XML, larger by a comment. */
export function withPadding(order: Order, bytes: number): Order {
  const text = order.bytes.toString().replace('<cac:BuyerCustomerParty>', `<!-- ${'x'.repeat(bytes)} -->$&`)
  const larger = Buffer.from(text)
  return { ...order, bytes: larger, sha256: sha256Of(larger) }
}
