import { isLong } from '../full/form.ts'

/** Numbers that look random and are the same for the same seed (a linear congruence, the high bits taken). */
export interface Random {
  /** A whole number from 0 up to, not including, `below`. */
  below(below: number): number
  bytes(length: number): Buffer
}

/** The seed of this run: CROSSDOCK_SEED, else always the same in the short form, and another each time in the long one. Tests print it. */
export const seedOfRun = Number(
  process.env['CROSSDOCK_SEED'] ?? (isLong ? Math.floor(Math.random() * 2 ** 31) : 695801100),
)

export function randomOf(seed: number): Random {
  let state = BigInt(seed) * 2862933555777941757n + 3037000493n
  const below = (most: number): number => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffff_ffff_ffff_ffffn
    return Number((state >> 32n) % BigInt(most))
  }
  return {
    below,
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))),
  }
}

/** Changes up to eight places of a file: bits flipped, bytes replaced, pieces cut out, doubled or taken from another file. */
export function mutated(bytes: Buffer, other: Buffer, random: Random): Buffer {
  let made = Buffer.from(bytes)
  for (let changes = 1 + random.below(8); changes > 0; changes--) {
    const at = random.below(Math.max(1, made.length))
    const length = 1 + random.below(40)
    const [before, after] = [made.subarray(0, at), made.subarray(at)]
    switch (random.below(5)) {
      case 0:
        if (made.length > 0) made[at]! ^= 1 << random.below(8)
        break
      case 1:
        if (made.length > 0) made[at] = random.below(256)
        break
      case 2:
        made = Buffer.concat([before, after.subarray(length)])
        break
      case 3:
        made = Buffer.concat([before, made.subarray(at, at + length), after])
        break
      default: {
        const from = random.below(other.length)
        made = Buffer.concat([before, other.subarray(from, from + length), after])
      }
    }
  }
  return made
}
