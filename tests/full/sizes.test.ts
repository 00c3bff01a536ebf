import { createHash, type Hash } from 'node:crypto'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { openArena, type Arena } from '../attacks/arena.ts'
import { orderOfLines } from '../attacks/bombs.ts'
import { edifactMessage, mallory, supplier } from '../attacks/orders.ts'
import { until } from '../support/poll.ts'
import { byForm, isLong } from './form.ts'
import { figure } from './figures.ts'

/*
 * Large files by each door, and large interchanges through all steps: the hub's process stays under 300 MB, the speed is
 * the same from 1 MB on, and what is kept has the hash of what was sent.
 */

const MB = 1_000_000
const mostMB = 300
const sizes = byForm([1 * MB, 8 * MB], [1 * MB, 10 * MB, 100 * MB, 1_000 * MB])
const limits = isLong ? 'fileBytes=1073741824' : ''

test.each(['https', 'mailbox'] as const)(
  'files of every size go through the door %s with their hash, in little memory',
  { timeout: byForm(120_000, 3_600_000) },
  async (door) => {
    const arena = await openArena({ limits })
    try {
      await arena.expectAlive()
      for (const size of sizes) {
        await arena.vitals()
        const hash = createHash('sha256')
        const startedMs = performance.now()
        const name = `large-${size}`
        if (door === 'mailbox')
          expect(await arena.upload([{ name, bytes: opaque(size, hash) }])).toEqual(['OK'])
        else {
          const { status, body } = await arena.post(opaque(size, hash), { key: name })
          expect(status, JSON.stringify(body)).toBe(202)
        }
        const seconds = (performance.now() - startedMs) / 1000
        const kept = await keptFile(arena, size)
        expect(kept).toBe(hash.digest('hex'))
        const { peakMiB } = await arena.vitals()
        if (peakMiB !== null) expect(peakMiB).toBeLessThan(mostMB)
        const speed = `${(size / MB / seconds).toFixed(0)} MB/s`
        const work = `${size / MB} MB by ${door}`
        figure('sizes', [work, `${seconds.toFixed(1)} s`, speed, `${peakMiB} MiB`, 'sha256 equal'])
      }
      await arena.expectAlive()
    } finally {
      await arena.close()
    }
  },
)

test(
  'an interchange of many messages of 100 lines goes through all steps',
  { timeout: byForm(120_000, 3_600_000) },
  async () => {
    const messages = byForm(300, 10_000)
    const arena = await openArena()
    try {
      await arena.expectAlive()
      await arena.vitals()
      const startedMs = performance.now()
      const { exchange } = await arena.post(interchange(messages, 100))
      await until(
        'all are processed',
        () => processedAre(arena, exchange!, messages),
        byForm(100_000, 3_000_000),
      )
      const seconds = (performance.now() - startedMs) / 1000
      const { peakMiB, lagMs } = await arena.vitals()
      if (peakMiB !== null) expect(peakMiB).toBeLessThan(600)
      const speed = `${(messages / seconds).toFixed(0)} documents/s, pause ${Math.round(lagMs)} ms`
      const work = `${messages} messages of 100 lines, split to write`
      figure('sizes', [work, `${seconds.toFixed(0)} s`, speed, `${peakMiB} MiB`, 'all processed'])
      await arena.expectAlive()
    } finally {
      await arena.close()
    }
  },
)

test(
  'one message of a million lines is refused by the limit on lines, in time that grows with its bytes',
  { timeout: byForm(120_000, 3_600_000) },
  async () => {
    const arena = await openArena()
    try {
      await arena.expectAlive()
      const counts = byForm([1_000_000], [500_000, 1_000_000])
      for (const count of counts) {
        await arena.vitals()
        const startedMs = performance.now()
        const { documents, findings } = await arena.attack(orderOfLines(count), 900_000)
        const seconds = (performance.now() - startedMs) / 1000
        expect(documents).toMatchObject([{ processing: 'rejected' }])
        expect(findings[0]?.message).toContain('documentLines')
        const { peakMiB, lagMs } = await arena.vitals()
        if (peakMiB !== null) expect(peakMiB).toBeLessThan(mostMB)
        const speed = `${(count / seconds / 1000).toFixed(0)} thousand lines/s, pause ${Math.round(lagMs)} ms`
        const work = `one message of ${count} lines`
        figure('sizes', [
          work,
          `${seconds.toFixed(1)} s`,
          speed,
          `${peakMiB} MiB`,
          'refused by documentLines',
        ])
      }
      await arena.expectAlive()
    } finally {
      await arena.close()
    }
  },
)

/** Bytes in no format: the door's work alone. */
function opaque(size: number, hash: Hash): Readable {
  return Readable.from(
    (function* () {
      for (let left = size, index = 0; left > 0; index++) {
        const block = Buffer.alloc(Math.min(left, 256 * 1024), index % 251)
        hash.update(block)
        left -= block.length
        yield block
      }
    })(),
  )
}

function interchange(messages: number, lines: number): Readable {
  return Readable.from(
    (function* () {
      yield Buffer.from(`UNB+UNOC:3+${mallory}:14+${supplier}:14+261119:0915+MANY'\n`)
      for (let number = 1; number <= messages; number++)
        yield Buffer.from(edifactMessage(String(number), mallory, lines, String(number)))
      yield Buffer.from(`UNZ+${messages}+MANY'\n`)
    })(),
  )
}

async function keptFile(arena: Arena, size: number): Promise<string> {
  const { rows } = await arena.database.admin.query<{ sha256: Buffer }>(
    `select p.sha256 from transmission t join payload p on p.id = t.raw_id
     where p.size_bytes = $1 and t.state = 'accepted'`,
    [size],
  )
  expect(rows).toHaveLength(1)
  return rows[0]!.sha256.toString('hex')
}

async function processedAre(arena: Arena, exchange: string, count: number): Promise<true | null> {
  const { rows } = await arena.database.admin.query<{ processed: number; others: number }>(
    `select count(*) filter (where processing = 'processed')::int as processed,
            count(*) filter (where processing = 'rejected')::int as others
     from document where transmission_id = $1`,
    [exchange],
  )
  expect(rows[0]!.others).toBe(0)
  return rows[0]!.processed === count ? true : null
}
