import { afterAll, beforeAll, expect, test } from 'vitest'
import { exportedLines, makeLedger, partners, verifyLines, type LedgerWorld } from '#tests/support/ledger.ts'
import { leafHash, rootOf } from './tree.ts'
import {
  openCheckpoint,
  readCheckpoint,
  readVerifierKey,
  signCheckpoint,
  signingKey,
  verifierKey,
} from './note.ts'
import { leafText, readLeaf, type Leaf } from './leaf.ts'
import { canonicalJson } from '#hub/base/canonical-json.ts'

let world: LedgerWorld
/** A whole export of 600 entries, with checkpoints after 300 and 600. */
let lines: string[]
let kept: string

beforeAll(async () => {
  world = await makeLedger()
  await world.write(300)
  expect(await world.sequence()).toBe(300)
  kept = (await world.keeper.kept())!.note
  await world.anHourPasses()
  await world.write(300)
  expect(await world.sequence()).toBe(300)
  lines = await world.export()
})
afterAll(async () => {
  await world.close()
})

test('an untouched export is good, against nothing, a kept checkpoint and the key', async () => {
  expect(await verifyLines(lines)).toMatchObject({ fault: null, entries: 600, remarks: [] })
  const { publicKey } = (await world.keeper.key({ make: false }))!
  expect(openCheckpoint(kept, publicKey)?.size).toBe(300)
  const { key } = JSON.parse(lines[1]!) as { key: string }
  expect(readVerifierKey(key)?.publicKey).toEqual(publicKey)
  expect(await verifyLines(lines, { kept, key })).toMatchObject({ fault: null, key })
  const other = await verifyLines(lines, { key: key.replace(/[+].*/, '+00000000+AA==') }).catch(
    (error: Error) => error,
  )
  expect(other).toBeInstanceOf(Error)
})

test('a partner’s export is good and holds nothing of the others', async () => {
  for (const partnerId of partners) {
    const own = await world.export({ partnerId, kept: readCheckpoint(kept) })
    expect(await verifyLines(own, { kept })).toMatchObject({ fault: null, entries: 150 })
    for (const other of partners.filter((each) => each !== partnerId))
      expect(own.join('\n')).not.toContain(other)
  }
  const bare = await world.export({ partnerId: partners[0]! })
  await expect(verifyLines(bare, { kept })).rejects.toThrow('export with --checkpoint')
})

test('a leaf is the canonical JSON of its members', () => {
  const entry = entryAt(lines, 5)
  const leaf = readLeaf(entry.leaf)!
  expect(canonicalJson(leaf)).toBe(entry.leaf)
  const odd: Leaf = { ...leaf, partner: null, pseq: null, pprev: null, actor: 'channel:é"\\\u2028\u0001' }
  expect(leafText(odd)).toBe(canonicalJson(odd))
})

test('V1 any byte flipped in leaf, body, hash, tile or checkpoint: the verifier names the index', async () => {
  for (const index of [0, 1, 255, 256, 299, 300, 599]) {
    const at = lineOf(lines, index)
    for (const part of ['"leaf":"{', '"body":"{', '"hash":"'] as const) {
      const from = lines[at]!.indexOf(part) + part.length
      for (const place of [from + 12, from + 30]) {
        const damaged = lines.with(at, flip(lines[at]!, place))
        expect((await verifyLines(damaged)).fault?.index).toBe(index)
      }
    }
  }
  // a damaged checkpoint vouches for nothing after the one before it
  const first = lines.findIndex((line) => line.startsWith('{"checkpoint"'))
  const second = lines.findLastIndex((line) => line.startsWith('{"checkpoint"'))
  for (let place = 20; place < lines[first]!.length - 4; place += 7) {
    expect((await verifyLines(lines.with(first, flip(lines[first]!, place)))).fault?.index).toBe(0)
    expect((await verifyLines(lines.with(second, flip(lines[second]!, place)))).fault?.index).toBe(300)
  }
})

/** The id of the entry with this index, as SQL. */
const at = (index: number): string => `(select id from entry_place where idx = ${index})`

test('V1 a row, tile or bundle changed in the database: the export of it names the index', async () => {
  const changes: [number, string][] = [
    [7, `update entry set body = body || ' ' where id = ${at(7)}`],
    [8, `update entry set at = at - interval '1 microsecond' where id = ${at(8)}`],
    [300, `update entry set actor = 'person:nobody' where id = ${at(300)}`],
    [301, `update ledger_place set pseqs[2] = pseqs[2] + 1 where first_idx = 300`],
    [302, `delete from entry where id = ${at(302)}`],
    [
      256,
      `update ledger_tile set hashes = set_byte(hashes, 0, get_byte(hashes, 0) # 1) where level = 0 and n = 1 and start = 0`,
    ],
    [
      256,
      `update ledger_bundle set entries = set_byte(entries, 40, get_byte(entries, 40) # 1) where n = 1 and start = 0`,
    ],
    [512, `delete from ledger_bundle where n = 2`],
  ]
  for (const [index, statement] of changes) {
    await inUndone(statement, async (changed) => {
      expect((await verifyLines(changed)).fault?.index, statement).toBe(index)
    })
  }
  expect((await verifyLines(await world.export())).fault).toBeNull()
})

test('V2 the last 10 entries deleted and the rest signed again with the key: the kept checkpoint tells', async () => {
  const newest = (await world.keeper.kept())!.note
  const shorter = await rewrite(lines, { until: 590 })
  expect((await verifyLines(shorter)).fault).toBeNull()
  expect((await verifyLines(shorter, { kept })).fault).toBeNull()
  expect((await verifyLines(shorter, { kept: newest })).fault).toEqual({ index: 590, reason: 'kept' })
})

test('V3 two entries swapped, a timestamp changed, an entry inserted back-dated', async () => {
  const [first, second] = [lineOf(lines, 100), lineOf(lines, 101)]
  const swapped = lines.with(first, lines[second]!).with(second, lines[first]!)
  expect((await verifyLines(swapped)).fault).toEqual({ index: 100, reason: 'order' })
  const renumbered = lines
    .with(first, lines[second]!.replace('"index":101', '"index":100'))
    .with(second, lines[first]!.replace('"index":100', '"index":101'))
  expect((await verifyLines(renumbered)).fault?.index).toBe(0)
  const dated = lines.with(first, lines[first]!.replace(/T(\d\d):/, anotherHour))
  expect((await verifyLines(dated)).fault).toEqual({ index: 100, reason: 'leaf' })
  const inserted = lines.toSpliced(second, 0, lines[first]!.replace('"index":100', '"index":101'))
  expect((await verifyLines(inserted)).fault?.index).toBeLessThanOrEqual(101)
  // and where whoever inserts it renumbers all that follow, but has not the key
  const backDated = await rewrite(lines, { twice: 100, key: signingKey(Buffer.alloc(32, 7)) })
  expect((await verifyLines(backDated)).fault).toEqual({ index: 0, reason: 'checkpoint' })
})

test('V4 everything rewritten without the key: the signature tells; with the key: the kept checkpoint', async () => {
  const change = (leaf: Leaf): Leaf => ({ ...leaf, actor: 'channel:other' })
  const forged = await rewrite(lines, { change, key: signingKey(Buffer.alloc(32, 7)) })
  expect((await verifyLines(forged)).fault).toEqual({ index: 0, reason: 'checkpoint' })
  // with a key of their own in the export it is good by itself, and only what was kept tells
  const own = signingKey(Buffer.alloc(32, 7))
  const swappedKey = await rewrite(lines, { change, key: own, announce: true })
  expect((await verifyLines(swappedKey)).fault).toBeNull()
  expect((await verifyLines(swappedKey, { kept })).fault).toEqual({ index: 0, reason: 'kept' })
  const { key } = JSON.parse(lines[1]!) as { key: string }
  expect((await verifyLines(swappedKey, { key })).fault).toEqual({ index: 0, reason: 'key' })
  const insider = await rewrite(lines, { change })
  expect((await verifyLines(insider)).fault).toBeNull()
  expect((await verifyLines(insider, { kept })).fault).toEqual({ index: 0, reason: 'kept' })
})

interface EntryLine {
  index: number
  hash: string
  leaf: string
  body: string
}

function lineOf(all: readonly string[], index: number): number {
  return all.findIndex((line) => line.startsWith(`{"index":${index},`))
}

function entryAt(all: readonly string[], index: number): EntryLine {
  return JSON.parse(all[lineOf(all, index)]!) as EntryLine
}

/** Another character of the same kind in this place, so that the line stays a line. */
function flip(line: string, place: number): string {
  const there = line[place]!
  const other = there === '1' ? '2' : there === 'b' ? 'c' : /[0-9]/.test(there) ? '1' : 'b'
  return `${line.slice(0, place)}${other}${line.slice(place + 1)}`
}

interface Rewriting {
  until?: number
  twice?: number
  change?: (leaf: Leaf) => Leaf
  key?: ReturnType<typeof signingKey>
  announce?: boolean
}

/** What somebody does who owns the database: makes all leaves, links and hashes anew, and signs with a key. */
async function rewrite(all: readonly string[], how: Rewriting): Promise<string[]> {
  const own = (await world.keeper.key({ make: false }))!
  const key = how.key ?? own
  const epoch = JSON.parse(all[1]!) as { key: string }
  const { name: origin } = readVerifierKey(epoch.key)!
  const histories = new Map<string, { pseq: number; pprev: string | null }>()
  const entries = all
    .filter((line) => line.startsWith('{"index"'))
    .slice(0, how.until ?? 600)
    .map((line) => JSON.parse(line) as EntryLine)
    .flatMap((entry) => (entry.index === how.twice ? [entry, entry] : [entry]))
  const hashes: Buffer[] = []
  const written = entries.map((entry, index) => {
    const leaf = readLeaf(entry.leaf)!
    const last = histories.get(leaf.partner ?? '') ?? { pseq: 0, pprev: null }
    const place = leaf.partner === null ? {} : { pseq: last.pseq + 1, pprev: last.pprev }
    const text = leafText({ ...(how.change ?? ((same) => same))(leaf), ...place })
    const hash = leafHash(text)
    hashes.push(hash)
    histories.set(leaf.partner ?? '', { pseq: last.pseq + 1, pprev: hash.toString('hex') })
    return JSON.stringify({ index, hash: hash.toString('hex'), leaf: text, body: entry.body })
  })
  const size = written.length
  const note = signCheckpoint({ origin, size, root: rootOf(hashes) }, key)
  const announced = verifierKey(origin, how.announce === true ? key.publicKey : own.publicKey)
  const header = JSON.stringify({ epoch: 1, first: 0, size, key: announced })
  return [all[0]!, header, ...written, JSON.stringify({ checkpoint: note }), JSON.stringify({ end: size })]
}

/** Changes the database in a transaction that is rolled back, and looks at the export of it. */
async function inUndone(statement: string, look: (lines: string[]) => Promise<void>): Promise<void> {
  const client = await world.database.admin.connect()
  try {
    await client.query('begin')
    await client.query(statement)
    await look(await exportedLines(client, { partnerId: null, kept: null }))
  } finally {
    await client.query('rollback')
    client.release()
  }
}

/** The hour of a time of day, moved by one. */
function anotherHour(_match: string, hour: string): string {
  return `T${String((Number(hour) + 1) % 24).padStart(2, '0')}:`
}
