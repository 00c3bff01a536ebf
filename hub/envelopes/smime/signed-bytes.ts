import { createHash, type Hash } from 'node:crypto'
import { limits } from '#hub/base/limits.ts'
import type { DigestName } from './digests.ts'
import type { SignatureDefect } from './options.ts'

export type SignedVariant = 'exact' | SignatureDefect

const lineEnd = Buffer.from('\r\n')

/**
 * What was signed, hashed as it goes by: exactly as received, and for each known defect that the partner is allowed also
 * the way in which such a product signs (M25). Up to `cmsHeldBytes` the bytes are kept as well, for signatures without
 * signed attributes, which cover the content itself.
 */
export class SignedBytes {
  readonly digests: readonly DigestName[]
  #variants: Variant[]
  #kept: Buffer[] | null = []
  #keptBytes = 0
  #results: { variant: SignedVariant; digest: DigestName; value: Buffer }[] = []

  constructor(digests: readonly DigestName[], defects: readonly SignatureDefect[]) {
    this.digests = digests
    this.#variants = (['exact', ...defects] as const).map((name) => variantOf(name, digests))
  }

  /** Passes the bytes on and hashes them. */
  async *through(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      for (const variant of this.#variants) variant.update(chunk)
      this.#keep(chunk)
      yield chunk
    }
    for (const { name, digest } of this.#variants)
      for (const [index, value] of digest().entries())
        this.#results.push({ variant: name, digest: this.digests[index]!, value })
  }

  /** The first variant with this digest, or null. A digest that nobody announced is computed if the bytes were kept. */
  matching(digest: DigestName, value: Buffer): SignedVariant | null {
    if (!this.digests.includes(digest)) this.#computeLater(digest)
    const hit = this.#results.find((one) => one.digest === digest && one.value.equals(value))
    return hit?.variant ?? null
  }

  /** The digest of the exact bytes, where it was computed. */
  exact(digest: DigestName): Buffer | null {
    return this.valueOf('exact', digest)
  }

  /** The digest of a variant, where it was computed. */
  valueOf(variant: SignedVariant, digest: DigestName): Buffer | null {
    if (!this.digests.includes(digest)) this.#computeLater(digest)
    return this.#results.find((one) => one.variant === variant && one.digest === digest)?.value ?? null
  }

  #computeLater(digest: DigestName): void {
    if (this.#results.some((one) => one.digest === digest)) return
    for (const { variant, bytes } of this.held() ?? [])
      this.#results.push({ variant, digest, value: createHash(digest).update(bytes).digest() })
  }

  /** The bytes of each variant, or null where there were too many to keep. */
  held(): { variant: SignedVariant; bytes: Buffer }[] | null {
    if (this.#kept === null) return null
    const bytes = Buffer.concat(this.#kept)
    return this.#variants.map(({ name }) => ({ variant: name, bytes: changed(name, bytes) }))
  }

  #keep(chunk: Buffer): void {
    this.#keptBytes += chunk.length
    if (this.#keptBytes > limits.cmsHeldBytes) this.#kept = null
    this.#kept?.push(chunk)
  }
}

interface Variant {
  name: SignedVariant
  update: (chunk: Buffer) => void
  digest: () => Buffer[]
}

function variantOf(name: SignedVariant, digests: readonly DigestName[]): Variant {
  const hashes = digests.map((digest) => createHash(digest))
  const update = (chunk: Buffer): void => hashes.forEach((hash) => hash.update(chunk))
  const digest = (): Buffer[] => hashes.map((hash) => hash.digest())
  switch (name) {
    case 'exact':
      return { name, update, digest }
    case 'final-line-end-added':
      return { name, update, digest: () => (update(lineEnd), digest()) }
    case 'final-line-end-missing':
      return withoutFinalLineEnd(name, hashes)
    case 'line-ends-canonical':
      return canonicalLineEnds(name, hashes)
  }
}

function withoutFinalLineEnd(name: SignedVariant, hashes: Hash[]): Variant {
  let held: Buffer = Buffer.alloc(0)
  return {
    name,
    update: (chunk) => {
      const both = Buffer.concat([held, chunk])
      held = both.subarray(Math.max(0, both.length - lineEnd.length))
      const sure = both.subarray(0, both.length - held.length)
      for (const hash of hashes) hash.update(sure)
    },
    digest: () => {
      const rest = held.equals(lineEnd) ? [] : [held]
      return hashes.map((hash) => (rest.forEach((bytes) => hash.update(bytes)), hash.digest()))
    },
  }
}

function canonicalLineEnds(name: SignedVariant, hashes: Hash[]): Variant {
  let last = 0
  return {
    name,
    update: (chunk) => {
      const made = withCanonicalLineEnds(chunk, last)
      last = chunk.at(-1) ?? last
      for (const hash of hashes) hash.update(made)
    },
    digest: () => hashes.map((hash) => hash.digest()),
  }
}

/** Every LF without CR gets one. `before` is the byte before these. */
export function withCanonicalLineEnds(bytes: Buffer, before = 0): Buffer {
  const pieces: Buffer[] = []
  let start = 0
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) {
    if ((at === 0 ? before : bytes[at - 1]) === 0x0d) continue
    pieces.push(bytes.subarray(start, at), lineEnd)
    start = at + 1
  }
  return pieces.length === 0 ? bytes : Buffer.concat([...pieces, bytes.subarray(start)])
}

function changed(name: SignedVariant, bytes: Buffer): Buffer {
  switch (name) {
    case 'exact':
      return bytes
    case 'final-line-end-added':
      return Buffer.concat([bytes, lineEnd])
    case 'final-line-end-missing':
      return bytes.subarray(-lineEnd.length).equals(lineEnd) ? bytes.subarray(0, -lineEnd.length) : bytes
    case 'line-ends-canonical':
      return withCanonicalLineEnds(bytes)
  }
}
