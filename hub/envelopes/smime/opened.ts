import type { CodeName } from '#hub/model/codes/index.ts'
import type { Detail } from '#hub/model/outcomes.ts'
import type { Headers } from '../mime/headers.ts'
import type { Certificate } from './certificate.ts'
import type { CipherName } from './ciphers.ts'
import type { DigestName } from './digests.ts'
import type { SignedVariant } from './signed-bytes.ts'

/** One layer that was taken off, for evidence: what it was, by which algorithms, and by whose certificate. */
export type Layer =
  | { kind: 'encrypted'; cipher: CipherName; authenticated: boolean; recipient: string }
  | { kind: 'compressed' }
  | {
      kind: 'signed'
      form: 'detached' | 'opaque'
      digest: DigestName
      scheme: 'rsa' | 'pss' | 'ecdsa'
      signer: string
      covers: SignedVariant
    }

/** What a MIC is computed over (AS2.md §2). */
export type MicSubject = 'signed-part' | 'entity' | 'body' | 'encoded-body'

export interface Mic {
  over: MicSubject
  digest: DigestName
  value: Buffer
}

/** One document of the content, or its bytes' size alone where they went into a sink. */
export interface OpenedPart {
  headers: Headers
  mediaType: string
  fileName: { shown: string; received: string } | null
  bytes: Buffer | null
  size: number
}

interface Found {
  /** Outermost first. */
  layers: Layer[]
  /** By AS2.md §2, where it could be computed (M2). */
  mic: Mic | null
  /** Other values that products give for the same message, the right one first. */
  micCandidates: Mic[]
}

/** What came of opening. `refused`: a partner's mistake with its code; what was found until then is there as evidence. */
export type Opened =
  | (Found & { kind: 'opened'; parts: OpenedPart[]; signer: Certificate | null })
  | (Found & { kind: 'refused'; code: CodeName; detail: Detail })
