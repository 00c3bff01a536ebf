import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { limits } from '#hub/base/limits.ts'
import { Secret } from '#hub/base/secret.ts'
import { messageOf } from '#hub/model/errors.ts'
import type { SecretSource } from './fields.ts'

/**
 * Takes a secret from where the document says. Files are found beside the document; one line end at their end is not part of the
 * value. Gives a sentence where there is nothing to take; the sentence never holds the value.
 */
export function takeSecret(
  source: SecretSource,
  beside: string,
  env: NodeJS.ProcessEnv,
): Secret | { fault: string } {
  if (source.value !== undefined) return new Secret(source.value)
  if (source.env !== undefined) {
    const value = env[source.env]
    if (value === undefined || value === '')
      return { fault: `the environment variable ${source.env} is not set` }
    return new Secret(value)
  }
  const path = resolve(dirname(beside), source.file ?? '')
  try {
    if (statSync(path).size > limits.secretFileBytes)
      return { fault: `the file ${source.file} is larger than ${limits.secretFileBytes} bytes` }
    const value = readFileSync(path, 'utf8').replace(/\r?\n$/, '')
    return value === '' ? { fault: `the file ${source.file} is empty` } : new Secret(value)
  } catch (error) {
    return { fault: `the file ${source.file} cannot be read: ${messageOf(error)}` }
  }
}

/** The field of a document that says where its secret comes from. */
export function sourceName(source: SecretSource): 'value' | 'env' | 'file' {
  if (source.env !== undefined) return 'env'
  return source.file === undefined ? 'value' : 'file'
}
