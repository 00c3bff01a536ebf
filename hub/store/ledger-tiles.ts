import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { Queryable } from './connect.ts'

/** Hashes of one tile from `start` on: a tile grows by pieces, and none of them changes. */
export interface HashPiece {
  level: number
  n: number
  start: number
  hashes: Buffer
}

/** Leaves of one entry bundle from `start` on. */
export interface BundlePiece {
  n: number
  start: number
  leaves: readonly string[]
}

/** Gives the bytes of a tile: as many hashes of 32 bytes as it has by now. */
export type TileReader = (level: number, n: number) => Promise<Buffer>

export async function insertHashPieces(
  client: Queryable,
  epoch: number,
  pieces: readonly HashPiece[],
): Promise<void> {
  await client.query({
    name: 'insert_ledger_tile',
    text: `insert into ledger_tile (epoch, level, n, start, hashes)
           select $1, level, n, start, hashes
           from unnest($2::smallint[], $3::bigint[], $4::smallint[], $5::bytea[]) as piece (level, n, start, hashes)`,
    values: [
      epoch,
      pieces.map(({ level }) => level),
      pieces.map(({ n }) => n),
      pieces.map(({ start }) => start),
      pieces.map(({ hashes }) => hashes),
    ],
  })
}

/** Writes leaves as C2SP entry bundles have them: two bytes of length, big-endian, before each. */
export async function insertBundlePieces(
  client: Queryable,
  epoch: number,
  pieces: readonly BundlePiece[],
): Promise<void> {
  await client.query({
    name: 'insert_ledger_bundle',
    text: `insert into ledger_bundle (epoch, n, start, entries)
           select $1, n, start, entries from unnest($2::bigint[], $3::smallint[], $4::bytea[]) as piece (n, start, entries)`,
    values: [
      epoch,
      pieces.map(({ n }) => n),
      pieces.map(({ start }) => start),
      pieces.map(({ leaves }) => zstdCompressSync(bundleBytes(leaves), fast)),
    ],
  })
}

/** Reads tiles of an epoch; the reader rejects with a RangeError where there is none. */
export function tileReader(db: Queryable, epoch: number): TileReader {
  return async (level, n) => {
    const { rows } = await db.query<{ hashes: Buffer }>({
      name: 'read_ledger_tile',
      text: `select hashes from ledger_tile where epoch = $1 and level = $2 and n = $3 order by start`,
      values: [epoch, level, n],
    })
    if (rows.length === 0) throw new RangeError(`the ledger has no tile ${level}/${n} in epoch ${epoch}`)
    return Buffer.concat(rows.map(({ hashes }) => hashes))
  }
}

/** The last tiles of all levels, where there are any; by the place in `tiles`, [] for those that are missing. */
export async function readTiles(
  db: Queryable,
  epoch: number,
  tiles: readonly { level: number; n: number }[],
): Promise<Buffer[]> {
  const { rows } = await db.query<{ level: number; hashes: Buffer }>({
    name: 'read_ledger_tiles',
    text: `select t.level, t.hashes from unnest($2::smallint[], $3::bigint[]) as wanted (level, n)
           join ledger_tile t on t.epoch = $1 and t.level = wanted.level and t.n = wanted.n order by t.level, t.start`,
    values: [epoch, tiles.map(({ level }) => level), tiles.map(({ n }) => n)],
  })
  return tiles.map(({ level }) =>
    Buffer.concat(rows.filter((row) => row.level === level).map(({ hashes }) => hashes)),
  )
}

/** The leaves of one entry bundle, as many as it has by now. Throws a RangeError where its bytes are damaged. */
export async function readBundle(db: Queryable, epoch: number, n: number): Promise<Buffer[]> {
  const { rows } = await db.query<{ entries: Buffer }>({
    name: 'read_ledger_bundle',
    text: `select entries from ledger_bundle where epoch = $1 and n = $2 order by start`,
    values: [epoch, n],
  })
  return rows.flatMap(({ entries }) => splitBundle(decompress(entries, n)))
}

/** Tiles and one entry bundle of an epoch, in one statement; the reader rejects with a RangeError where there is none. */
export async function readPath(
  db: Queryable,
  epoch: number,
  { tiles, bundle }: { tiles: readonly { level: number; n: number }[]; bundle: number },
): Promise<{ readTile: TileReader; leaves: Buffer[] }> {
  const { rows } = await db.query<{ level: number | null; n: string; bytes: Buffer }>({
    name: 'read_ledger_path',
    text: `select t.level, t.n, t.hashes as bytes, t.start
           from unnest($2::smallint[], $3::bigint[]) as wanted (level, n)
           join ledger_tile t on t.epoch = $1 and t.level = wanted.level and t.n = wanted.n
           union all
           select null, b.n, b.entries, b.start from ledger_bundle b where b.epoch = $1 and b.n = $4
           order by start`,
    values: [epoch, tiles.map(({ level }) => level), tiles.map(({ n }) => n), bundle],
  })
  const pieces = Map.groupBy(rows, ({ level, n }) => (level === null ? 'bundle' : `${level}/${n}`))
  return {
    readTile: async (level, n) => {
      const found = pieces.get(`${level}/${n}`)
      if (found === undefined) throw new RangeError(`the ledger has no tile ${level}/${n} in epoch ${epoch}`)
      return Buffer.concat(found.map(({ bytes }) => bytes))
    },
    leaves: (pieces.get('bundle') ?? []).flatMap(({ bytes }) => splitBundle(decompress(bytes, bundle))),
  }
}

// level 1: a third of the time of the default for 5 % more bytes
const fast = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

function bundleBytes(leaves: readonly string[]): Buffer {
  const lengths = leaves.map((leaf) => Buffer.byteLength(leaf))
  const bytes = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + 2 + length, 0))
  let at = 0
  for (const [place, leaf] of leaves.entries()) {
    at = bytes.writeUInt16BE(lengths[place]!, at)
    at += bytes.write(leaf, at)
  }
  return bytes
}

function decompress(entries: Buffer, n: number): Buffer {
  try {
    return zstdDecompressSync(entries)
  } catch (error) {
    throw new RangeError(`entry bundle ${n} is damaged`, { cause: error })
  }
}

function splitBundle(bytes: Buffer): Buffer[] {
  const leaves: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const end = at + 2 + bytes.readUInt16BE(at)
    leaves.push(bytes.subarray(at + 2, end))
    at = end
  }
  return leaves
}
