import { limits } from '#hub/base/limits.ts'
import type { Proof } from '#hub/model/outcomes.ts'

/**
 * What a peer said, as PostgreSQL can keep it: its words are hostile, so that NUL and halves of surrogate pairs are replaced (jsonb
 * takes neither) and what is larger than the limit is left out and said to be.
 */
export function storable(proof: Proof): Proof {
  const text = JSON.stringify(proof, (_name, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('\u0000', '�').toWellFormed() : value,
  )
  if (text === undefined) return {}
  if (text.length > limits.evidenceCharacters)
    return { omitted: 'evidence too large', characters: text.length }
  return JSON.parse(text) as Proof
}
