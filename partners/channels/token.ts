import { createHash, randomBytes } from 'node:crypto'
import type { Environment } from '#hub/model/states.ts'

const tokenPattern = /^cd_(test|live)_[A-Za-z0-9_-]{43}$/

/** A fresh token: its environment can be seen, and 32 random bytes in base64url follow. */
export function newToken(env: Environment): string {
  return `cd_${env}_${randomBytes(32).toString('base64url')}`
}

/** The environment a text would be a token of, or null where it has not the shape of one. */
export function tokenEnvironment(text: string): Environment | null {
  return (tokenPattern.exec(text)?.[1] as Environment | undefined) ?? null
}

/** What is stored of a token. It has 256 random bits: a fast hash is enough, and it can be looked up. */
export function tokenSha256(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
