import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formats } from '#hub/formats/index.ts'
import { isLong } from '../full/form.ts'
import { openArena } from './arena.ts'
import { goodOrder, type OrderFormat } from './orders.ts'
import { mutated, randomOf, seedOfRun, type Random } from './random.ts'
import { openReading, type Read, type Reading } from './reading.ts'
import { closedWithin, prefixesOf, samples, type Sample } from './samples.ts'
import { expectNamedEnd } from './verdict.ts'

/*
 * Hostile input, the family: what is cut off, mutated or random comes to a finding or a refusal with a code and a place,
 * never to a fault of the hub; nothing is taken for whole unless it ends behind a closed interchange; and the next
 * document passes. Every prefix is read; through the whole hub goes each tenth of them, others in every run, and in
 * `npm run full` each one. CROSSDOCK_SEED=<seed> makes the same choice and the same random files again.
 */

const eachNth = isLong ? 1 : 10
const randomFiles = isLong ? 2_000 : 100
const byFormat: readonly OrderFormat[] = ['edifact', 'xml', 'json']

test.each(samples.map((sample) => [sample.name, sample] as const))(
  'hostile input: no prefix of %s is read as whole',
  (_name, sample) => {
    for (const prefix of prefixesOf(sample)) {
      const reader = formats[sample.format].reader()
      const events = [...reader.push(prefix), ...reader.end()]
      const closed = events.filter((event) => event.kind === 'trailer' && event.trailer.closed).length
      expect(closed, `the first ${prefix.length} bytes`).toBeLessThanOrEqual(
        closedWithin(sample, prefix.length),
      )
    }
  },
)

describe.each(byFormat)('hostile input: %s through receive and process', (format) => {
  const own = samples.filter((sample) => sample.format === format)
  const random = randomOf(seedOfRun)
  let reading: Reading
  let good = 0
  beforeAll(async () => {
    reading = await openReading()
    process.stdout.write(`hostile input: ${format}, CROSSDOCK_SEED=${seedOfRun}\n`)
  })
  afterAll(async () => {
    await reading.close()
  })
  /** Reads files, expects an end with a name of each, and that a good one passes behind them. */
  const readHostile = async (
    files: readonly Buffer[],
    nameOf: (index: number) => string,
  ): Promise<Read[]> => {
    const read = await reading.read([...files, goodOrder(format, `NEXT-${++good}`)])
    expect(read.pop()!.documents).toMatchObject([{ type: 'order', processing: 'processed', code: null }])
    for (const [index, { documents }] of read.entries()) {
      const findings = documents.flatMap((document) => document.findings)
      expectNamedEnd(documents, findings, nameOf(index))
    }
    return read
  }

  test.each(own.map((sample) => [sample.name, sample] as const))(
    'prefixes of %s are findings, and never whole',
    { timeout: 300_000 },
    async (_name, sample) => {
      const prefixes = chosen(prefixesOf(sample), random)
      const lengthOf = (index: number): string => `the first ${prefixes[index]!.length} bytes`
      const read = await readHostile(prefixes, lengthOf)
      for (const [index, { documents }] of read.entries()) {
        const passed = documents.filter((document) => document.stoppedAt !== 'split')
        const closed = closedWithin(sample, prefixes[index]!.length)
        const early = passed.filter((document) => (document.interchange ?? Infinity) > closed)
        expect(early, lengthOf(index)).toEqual([])
      }
    },
  )

  test('random bytes, alone and behind a head of the format', { timeout: 300_000 }, async () => {
    const files = Array.from({ length: randomFiles }, (_, index) => randomFile(own, index, random))
    await readHostile(files, (index) => `random file ${index} of seed ${seedOfRun}`)
  })

  test('mutations: bits, bytes and pieces changed', { timeout: 300_000 }, async () => {
    const files = Array.from({ length: randomFiles }, () =>
      mutated(oneOf(own, random).bytes, oneOf(samples, random).bytes, random),
    ).filter((file) => file.length > 0)
    await readHostile(files, (index) => `mutation ${index} of seed ${seedOfRun}`)
  })
})

test(
  'hostile input: a hundred of them through each open door of a running hub, HTTPS and the SFTP mailbox',
  { timeout: 300_000 },
  async () => {
    const arena = await openArena()
    const random = randomOf(seedOfRun)
    try {
      const files = Array.from({ length: isLong ? 1_000 : 100 }, (_, index) => hostileFile(index, random))
      const said = await arena.upload(files.map((bytes, index) => ({ name: `hostile-${index}`, bytes })))
      const exchanges = await exchangesOf(arena.database.admin, 'box')
      for (const bytes of files) {
        const { status, exchange, body } = await arena.post(bytes)
        expect(status, JSON.stringify(body)).toBe(202)
        exchanges.push(exchange!)
      }
      expect(said.filter((text) => text !== 'OK')).toEqual([])
      expect(exchanges).toHaveLength(2 * files.length)
      for (const exchange of exchanges) {
        const { documents, findings } = await arena.outcome(exchange, 120_000)
        expectNamedEnd(documents, findings, `exchange ${exchange} of seed ${seedOfRun}`)
      }
      await arena.expectAlive()
    } finally {
      await arena.close()
    }
  },
)

async function exchangesOf(
  admin: { query<Row>(text: string, values: unknown[]): Promise<{ rows: Row[] }> },
  channelKey: string,
): Promise<string[]> {
  const { rows } = await admin.query<{ id: string }>(
    `select t.id from transmission t join channel c on c.id = t.channel_id
     where c.key = $1 and t.direction = 'in' and t.state = 'accepted'`,
    [channelKey],
  )
  return rows.map(({ id }) => id)
}

/** Each tenth, beginning with another in each run, and the last ten: there a document is nearly whole. */
function chosen(prefixes: readonly Buffer[], random: Random): Buffer[] {
  const from = random.below(eachNth)
  return prefixes.filter((_, index) => index % eachNth === from || index >= prefixes.length - 10)
}

function oneOf<Item>(items: readonly Item[], random: Random): Item {
  return items[random.below(items.length)]!
}

/** Every other one has the head of a sample, so that a reader takes it for its own. */
function randomFile(own: readonly Sample[], index: number, random: Random): Buffer {
  const bytes = random.bytes(1 + random.below(600))
  if (index % 2 === 0) return bytes
  const { bytes: sample } = oneOf(own, random)
  return Buffer.concat([sample.subarray(0, random.below(sample.length)), bytes])
}

function hostileFile(index: number, random: Random): Buffer {
  const sample = oneOf(samples, random)
  if (index % 3 === 0) return sample.bytes.subarray(0, 1 + random.below(sample.bytes.length - 1))
  if (index % 3 === 1) return randomFile([sample], index, random)
  return Buffer.concat([mutated(sample.bytes, oneOf(samples, random).bytes, random), Buffer.of(0x20)])
}
