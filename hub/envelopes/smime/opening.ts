import { Refusal } from '../refusal.ts'
import type { Certificate } from './certificate.ts'
import type { Layer, Mic, Opened, OpenedPart } from './opened.ts'
import type { OpenOptions } from './options.ts'
import type { SignedBytes } from './signed-bytes.ts'
import type { Verified } from './verify.ts'

/** S signed, C compressed, E encrypted. */
type LayerSign = 'S' | 'C' | 'E'

/**
 * The orders of layers that are opened, outermost first: RFC 4130 §2.3 and RFC 5402 §3. Others are refused at the first
 * layer that is out of order, so nothing is opened deeper than three (A5).
 */
const legalOrders: readonly string[] = ['ESC', 'ECS', 'SC', 'CS', 'EC', 'ES']

/** What is known while a message is opened. */
export class Opening {
  readonly options: OpenOptions
  readonly layers: Layer[] = []
  readonly parts: OpenedPart[] = []
  readonly mics: Mic[] = []
  /** Whether what is being read came out of a cipher that does not authenticate. */
  unauthenticated = false
  contentBytes = 0
  #order = ''
  #signer: Certificate | null = null

  constructor(options: OpenOptions) {
    this.options = options
  }

  /** The layers entered so far, outermost first, e.g. `ES`. */
  get order(): string {
    return this.#order
  }

  /** Enters a layer; gives its place in `layers`. */
  enter(sign: LayerSign): number {
    const order = this.#order + sign
    if (!legalOrders.some((legal) => legal.startsWith(order)))
      throw new Refusal('layersNotLegal', {
        layers: [...order].map((one) => layerNames[one as LayerSign]).join(', '),
      })
    this.#order = order
    return order.length - 1
  }

  /** The MIC of a signed message is over the signed part; it is known before the signature was looked at (M2). */
  noteSigned(signed: SignedBytes): void {
    const digest = signed.digests[0]
    const value = digest === undefined ? null : signed.exact(digest)
    if (digest !== undefined && value !== null) this.mics.push({ over: 'signed-part', digest, value })
  }

  /** A signature that holds. The MIC's algorithm is its digest. */
  verified(place: number, form: 'detached' | 'opaque', verified: Verified, signed: SignedBytes): void {
    const { signer, digest, scheme, variant } = verified
    this.layers[place] = { kind: 'signed', form, digest, scheme, signer: signer.fingerprint, covers: variant }
    this.#signer = signer
    this.mics.length = 0
    for (const value of [signed.valueOf(variant, digest), signed.exact(digest)])
      if (value !== null && !this.mics.some((mic) => mic.value.equals(value)))
        this.mics.push({ over: 'signed-part', digest, value })
  }

  expectPolicy(): void {
    const { signed, encrypted } = this.options.require
    if (signed && this.#signer === null) throw new Refusal('notSigned')
    if (encrypted && !this.#order.includes('E')) throw new Refusal('notEncrypted')
  }

  opened(): Opened {
    return { kind: 'opened', ...this.#found(), parts: this.parts, signer: this.#signer }
  }

  refused({ code, detail }: Refusal): Opened {
    return { kind: 'refused', ...this.#found(), code, detail }
  }

  #found(): { layers: Layer[]; mic: Mic | null; micCandidates: Mic[] } {
    // a layer that was entered and not finished has nothing to tell
    const layers = this.layers.filter((layer) => layer !== undefined)
    return { layers, mic: this.mics[0] ?? null, micCandidates: this.mics }
  }
}

const layerNames: Readonly<Record<LayerSign, string>> = { S: 'signed', C: 'compressed', E: 'encrypted' }
