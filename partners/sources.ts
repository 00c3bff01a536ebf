import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { limits } from '#hub/base/limits.ts'
import { Secret } from '#hub/base/secret.ts'
import { messageOf } from '#hub/model/errors.ts'
import type { SecretSource } from './fields.ts'

/** What was found: a value, null where the one in the hub is kept, or a sentence that says why there is nothing to take. */
export type TakenSecret = Secret | null | { fault: string }

/** `absent`: nothing stands there, where something else might be wrong with what does. */
type Source = Secret | null | { fault: string; absent?: boolean }

/**
 * Takes a secret from where the document says. Files are found beside the document; one line end at their end is not part of the
 * value. A sentence never holds the value. With `optional`, the one in the hub is kept wherever there is nothing to take.
 */
export function takeSecret(
  source: SecretSource,
  from: { beside: string; env: NodeJS.ProcessEnv; optional: boolean },
): TakenSecret {
  const taken = take(source, from)
  if (taken === null || !('fault' in taken)) return taken
  return (source.keep === true && taken.absent === true) || from.optional ? null : taken
}

function take(source: SecretSource, { beside, env }: { beside: string; env: NodeJS.ProcessEnv }): Source {
  if (source.value !== undefined) return new Secret(source.value)
  if (source.env !== undefined) {
    const value = env[source.env]
    if (value === undefined || value === '')
      return { fault: `the environment variable ${source.env} is not set`, absent: true }
    return new Secret(value)
  }
  if (source.file === undefined) return null
  const path = resolve(dirname(beside), source.file)
  try {
    if (statSync(path).size > limits.secretFileBytes)
      return { fault: `the file ${source.file} is larger than ${limits.secretFileBytes} bytes` }
    const value = readFileSync(path, 'utf8').replace(/\r?\n$/, '')
    return value === '' ? { fault: `the file ${source.file} is empty` } : new Secret(value)
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT'
    return { fault: `the file ${source.file} cannot be read: ${messageOf(error)}`, absent }
  }
}

/** The field of a document that says where its secret comes from. */
export function sourceName(source: SecretSource): 'value' | 'env' | 'file' | 'keep' {
  if (source.env !== undefined) return 'env'
  if (source.value === undefined && source.file === undefined) return 'keep'
  return source.file === undefined ? 'value' : 'file'
}
