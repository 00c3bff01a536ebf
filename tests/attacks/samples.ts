import { readFileSync } from 'node:fs'
import { mallory, supplier, type OrderFormat } from './orders.ts'

/** A hand-made document of the documentation, the demo or the tests, from the arena's attacker to its supplier. */
export interface Sample {
  name: string
  format: OrderFormat
  bytes: Buffer
  /** Offsets behind which an interchange of it is closed. */
  closedAt: number[]
}

const files = [
  'docs/examples/order-345.edi',
  'docs/examples/order-346.json',
  'hub/cli/demo/samples/order-345.edi',
  'hub/cli/demo/samples/order-346.xml',
  'hub/cli/demo/samples/order-347.json',
  'hub/formats/edifact/samples/contrl-partial.edi',
  'hub/formats/edifact/samples/orders-d96a.edi',
  'hub/formats/edifact/samples/orders-groups.edi',
  'hub/formats/edifact/samples/orders-header-cut.edi',
  'hub/formats/edifact/samples/orders-line-terminated.edi',
  'hub/formats/edifact/samples/orders-one-bad.edi',
  'hub/formats/edifact/samples/orders-syntax4.edi',
  'hub/formats/edifact/samples/orders-two-interchanges.edi',
  'mappings/library/order/samples/order-345.edi',
  'mappings/library/order/samples/order-345.json',
  'mappings/library/order/samples/order-345.xml',
  'mappings/library/order/samples/written/order-345.edi',
  'mappings/library/order/samples/written/order-345.json',
  'mappings/library/order/samples/written/order-345.xml',
] as const

export const samples: readonly Sample[] = files.map((name) => {
  const kind = name.slice(name.lastIndexOf('.') + 1)
  const format: OrderFormat = kind === 'edi' ? 'edifact' : (kind as 'xml' | 'json')
  const bytes = betweenArenaPartners(readFileSync(new URL(`../../${name}`, import.meta.url)))
  return { name, format, bytes, closedAt: closedAt(format, bytes.toString('latin1')) }
})

/** Below this size every prefix is tried, above it this many cuts. */
const everyPrefixBelow = 4096
const cutsOfLarger = 200

/** The prefixes of a sample that are tried, the whole of it left out. */
export function prefixesOf({ bytes }: Sample): Buffer[] {
  const step = bytes.length < everyPrefixBelow ? 1 : bytes.length / cutsOfLarger
  const prefixes: Buffer[] = []
  for (let cut = 1; cut < bytes.length; cut += step) prefixes.push(bytes.subarray(0, Math.floor(cut)))
  return prefixes
}

/** How many interchanges are closed in so many bytes of a sample. */
export function closedWithin(sample: Sample, bytes: number): number {
  return sample.closedAt.filter((end) => end <= bytes).length
}

/** The two parties of a sample become the arena's, wherever they stand. */
function betweenArenaPartners(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1')
  const [sender = '', receiver = ''] = /UN[BI]/.test(text)
    ? [...text.matchAll(/\+(\d{13}):14/g)].map((match) => match[1])
    : [...text.matchAll(/(?:schemeID="0088">|"id": ?")(\d{13})/g)].map((match) => match[1])
  const of: Record<string, string> = { [sender]: mallory, [receiver]: supplier }
  return Buffer.from(
    text.replaceAll(new RegExp(`${sender}|${receiver}`, 'g'), (gln) => of[gln]!),
    'latin1',
  )
}

/** A closing trailer is complete with its terminator; at the end of a file whose segments are lines, without it. */
function closedAt(format: OrderFormat, text: string): number[] {
  if (format === 'json') return [text.lastIndexOf('}') + 1]
  if (format === 'xml') return [text.lastIndexOf('>') + 1]
  return [...text.matchAll(/UNZ\+\d+\+[^'\n]*'?/g)].map((match) => match.index + match[0].length)
}
