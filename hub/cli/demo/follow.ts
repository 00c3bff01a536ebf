import { traceWords, type Tools } from '#hub/tools.ts'
import type { Counter } from './counter.ts'
import type { DemoPartners } from './partners.ts'

const orders = ['345', '346', '347'] as const
const pauseMs = 150

interface Scene {
  tools: Tools
  partners: DemoPartners
  retailer: Counter
  supplier: Counter
  deadlineMs: number
  say(line: string): void
}

/**
 * Prints each timeline line as it happens, while the partners collect from their mailboxes, until every order is
 * delivered with its proof, the partners' own systems hold them, and the CONTRL was collected; or until the deadline. Returns what is
 * missing, in words.
 */
export async function followUntilArrived(scene: Scene): Promise<{ missing: string[] }> {
  const deadline = Date.now() + scene.deadlineMs
  const printed = new Set<string>()
  const collected = { retailer: new Map<string, string>(), supplier: new Map<string, string>() }
  for (;;) {
    await gather(scene.retailer, collected.retailer)
    await gather(scene.supplier, collected.supplier)
    const traces = new Map<string, Trace | null>()
    for (const order of orders) {
      const trace = await traceOf(scene.tools, order)
      traces.set(order, trace)
      for (const line of trace?.lines ?? []) {
        if (printed.has(`${order} ${line}`)) continue
        printed.add(`${order} ${line}`)
        scene.say(`order ${order}  ${line.trim()}`)
      }
    }
    const missing = whatIsMissing(scene, traces, collected)
    if (missing.length === 0 || Date.now() > deadline) {
      for (const trace of traces.values()) if (trace !== null) scene.say(`\n${trace.sentence}`)
      return { missing }
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

interface Trace {
  sentence: string
  lines: string[]
  delivery: string
  /** The CONTRL that the hub owed for it was collected. */
  answered: boolean
}

async function traceOf(tools: Tools, order: string): Promise<Trace | null> {
  const [found] = await traceWords(tools, order)
  if (found === undefined) return null
  const { timeline, text } = found
  const [sentence = '', , , ...lines] = text.split('\n')
  const answered = timeline.answers.some(({ way, level, deliveryState }) => {
    return way === 'owed' && level === 'syntax' && deliveryState === 'delivered'
  })
  return { sentence, lines, delivery: timeline.document.delivery, answered }
}

async function gather(counter: Counter, into: Map<string, string>): Promise<void> {
  for (const { name, bytes } of await counter.collect()) into.set(name, bytes.toString('latin1'))
}

function whatIsMissing(
  scene: Scene,
  traces: ReadonlyMap<string, Trace | null>,
  collected: { retailer: Map<string, string>; supplier: Map<string, string> },
): string[] {
  const missing: string[] = []
  for (const [order, trace] of traces) {
    if (trace?.delivery !== 'delivered')
      missing.push(`order ${order} is ${trace?.delivery ?? 'not known to the hub'}`)
  }
  const holds = (texts: Iterable<string>, words: string) => [...texts].some((text) => text.includes(words))
  const texts = (arrivals: { bytes: Buffer }[]) => arrivals.map(({ bytes }) => bytes.toString())
  if (!holds(texts(scene.partners.endpoint.arrivals), '>345<'))
    missing.push('the XML of order 345 at the supplier’s endpoint')
  if (!holds(texts(scene.partners.sftp.arrivals), '"346"'))
    missing.push('the JSON of order 346 on the supplier’s SFTP server')
  if (!holds(collected.supplier.values(), 'BGM+220+347'))
    missing.push('the EDIFACT of order 347 in the supplier’s mailbox')
  if (!holds(collected.retailer.values(), 'UCI+MV000345'))
    missing.push('the CONTRL in the retailer’s mailbox')
  if (traces.get('345')?.answered !== true) missing.push('the proof that the CONTRL was collected')
  return missing
}
