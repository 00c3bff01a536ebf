import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { limits } from '#hub/base/limits.ts'

const derive = promisify(argon2)

/** OWASP's second choice of Argon2id parameters: 46 MiB, one pass, one lane. About 80 ms. */
const cost = { memory: 47_104, passes: 1, parallelism: 1 } as const
const tagBytes = 32

/** Verifications hold 46 MiB each: more at once would let a flood of log-ins take the machine. */
let free: number = limits.passwordChecksAtOnce
const waiting: (() => void)[] = []

/**
 * Hashes a password with Argon2id (RFC 9106) off the event loop. The result is the PHC string
 * `$argon2id$v=19$m=…,t=…,p=…$salt$hash`, which carries its own parameters.
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const tag = await slot(() =>
    derive('argon2id', { message: password, nonce: salt, tagLength: tagBytes, ...cost }),
  )
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${base64(salt)}$${base64(tag)}`
}

/** Whether a password is the one of the hash, compared in constant time; false for a hash that is none. */
export async function verifyPassword(hash: string, password: string): Promise<boolean> {
  const parts = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([\w+/]+)\$([\w+/]+)$/.exec(hash)
  if (parts === null) return false
  const [memory, passes, parallelism] = parts.slice(1, 4).map(Number) as [number, number, number]
  const expected = Buffer.from(parts[5]!, 'base64')
  const tag = await slot(() =>
    derive('argon2id', {
      message: password,
      nonce: Buffer.from(parts[4]!, 'base64'),
      tagLength: expected.length,
      memory,
      passes,
      parallelism,
    }),
  )
  return timingSafeEqual(tag, expected)
}

/** A hash of nothing anybody knows: checked where there is no user, so that the answer takes as long. */
export function unknownPersonHash(): Promise<string> {
  unknown ??= hashPassword(randomBytes(32).toString('base64url'))
  return unknown
}

let unknown: Promise<string> | null = null

async function slot(work: () => Promise<Buffer>): Promise<Buffer> {
  if (free > 0) free -= 1
  else await new Promise<void>((resolve) => waiting.push(resolve))
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next === undefined) free += 1
    else next()
  }
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '')
}
